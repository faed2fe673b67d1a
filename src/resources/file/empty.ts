import {digest} from '../../facts/digest.ts';
import {followed, stat} from '../../facts/stat.ts';
import {listing} from '../../facts/tree.ts';
import {ABSENT} from '../../model/answer.ts';
import {NOTHING} from '../../model/change.ts';
import type {FactQuery, Facts, Subject} from '../../model/fact.ts';
import {sh} from '../../shell/sh.ts';
import {downTo} from '../directories.ts';
import {firstUnknown, seen} from '../seen.ts';
import type {FileSpec, FileState} from './spec.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Nothing is there, where nothing was in it: a directory, with those above it as far as they are ours; a file. */
export const empty: FileState = {
  facts: factsOf,

  diff(spec, facts) {
    const closed = firstUnknown(facts, factsOf(spec));
    if (closed) return closed;
    const gone = goingOf(spec, facts);
    if (gone.length === 0) return NOTHING;
    const isFile = seen(facts, stat(spec.path))?.type === 'file';
    return {
      action: 'delete',
      details: gone.map((path) => ({attribute: path, before: 'empty', after: undefined})),
      impact: 'none',
      steps: [isFile ? sh`rm -f -- ${gone}` : sh`rmdir -- ${gone}`],
      touches: gone.map((path): Subject => `tree:${path}`),
      predicts: gone.flatMap((path) =>
        [stat(path), followed(path), listing(path)].map((query) => ({query, answer: ABSENT})),
      ),
      proof: 'exit-code',
    };
  },

  mayTouch: (spec) => chainOf(spec).map((path): Subject => `tree:${path}`),
};

/** From the path upwards. */
const chainOf = ({path, up_to = path}: FileSpec): readonly string[] =>
  downTo(path)
    .filter((each) => each === up_to || each.startsWith(`${up_to}/`))
    .toReversed();

/** A declaration: the state above is made with it. */
function factsOf(spec: FileSpec): readonly FactQuery[] {
  return [
    ...chainOf(spec).flatMap((path): readonly FactQuery[] => [stat(path), listing(path)]),
    digest(spec.path),
  ];
}

function goingOf(spec: FileSpec, facts: Facts): readonly string[] {
  const isEmptyFile =
    seen(facts, stat(spec.path))?.type === 'file' && seen(facts, digest(spec.path)) === EMPTY;
  if (isEmptyFile) return [spec.path];
  const gone: string[] = [];
  for (const path of chainOf(spec)) {
    const names = seen(facts, listing(path));
    if (names === undefined && seen(facts, stat(path)) === undefined) continue;
    const isEmpty = names?.every((name) => gone.includes(`${path}/${name}`)) ?? false;
    if (!isEmpty) break;
    gone.push(path);
  }
  return gone;
}
