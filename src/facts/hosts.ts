import {known} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

/** A line of /etc/hosts. */
export interface HostsLine {
  readonly address: string;
  readonly names: readonly string[];
}

const kind: FactKind<readonly HostsLine[]> = {
  name: 'hosts',
  summary: 'The lines of /etc/hosts that have a name: `address` and `names` of each.',
  program: () => sh`[ ! -e /etc/hosts ] || cat /etc/hosts`,
  parse(output, keys) {
    const lines = linesOf(new TextDecoder().decode(output));
    return keys.map((key) => known(lines.filter(({names}) => names.includes(key))));
  },
};

const linesOf = (text: string): readonly HostsLine[] =>
  text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return names.length === 0 ? [] : [{address, names}];
  });

/** Where /etc/hosts has a name. Empty where it has not. */
export const hosts = (name: string): FactQuery<readonly HostsLine[]> => ({
  kind,
  key: name,
  subject: `hosts:${name}`,
});
