import {known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

const kind: FactKind<string> = {
  name: 'hostname',
  summary: 'The name that the running host has. The key is `now`.',
  program: () => sh`cat /proc/sys/kernel/hostname`,
  parse(output, keys) {
    const name = new TextDecoder().decode(output).trim();
    return keys.map(() => (name === '' ? unknown('the kernel told no name') : known(name)));
  },
};

/** The name that the running host has. */
export const hostname = (_key = 'now'): FactQuery<string> => ({kind, key: 'now', subject: 'hostname:now'});
