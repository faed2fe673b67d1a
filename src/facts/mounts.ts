import {known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

const kind: FactKind<readonly string[]> = {
  name: 'mounts',
  summary: 'Where something is mounted at or below a path, in the order of mounting. Empty where nothing is.',
  program: () => sh`cat /proc/self/mountinfo`,
  parse(output, paths) {
    const places = new TextDecoder().decode(output).split('\n').flatMap(placeOf);
    if (places.length === 0) return paths.map(() => unknown('/proc/self/mountinfo cannot be read'));
    return paths.map((path) =>
      known(places.filter((place) => place === path || place.startsWith(`${path}/`))),
    );
  },
};

/** The fifth word of a line, in which white space and backslashes are octal. */
function placeOf(line: string): readonly string[] {
  const place = line.split(' ')[4];
  if (place === undefined) return [];
  return [
    place.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
  ];
}

/** Where something is mounted at or below a path. */
export const mounts = (path: string): FactQuery<readonly string[]> => ({
  kind,
  key: path,
  subject: `tree:${path}`,
});
