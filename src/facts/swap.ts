import {known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** The swap of a host. */
export interface Swap {
  /** Devices and files that are in use. */
  readonly active: readonly string[];
  /** Lines of /etc/fstab that would use some at boot. */
  readonly fstab: readonly string[];
}

const kind: FactKind<Swap> = {
  name: 'swap',
  summary: 'The swap in use (`active`) and the lines of /etc/fstab for it (`fstab`). The key is `host`.',
  program: () => sh`tail -n +2 /proc/swaps && printf '\\0'
[ ! -e /etc/fstab ] || cat /etc/fstab || exit
printf '\\0'`,
  parse(output, keys) {
    const [active, fstab] = recordsOf(output);
    if (active === undefined || fstab === undefined)
      return keys.map(() => unknown('/proc/swaps cannot be read'));
    const swap: Swap = {
      active: active.split('\n').flatMap((line) => line.split(/\s/)[0] || []),
      fstab: fstab.split('\n').filter((line) => /^\s*[^\s#]\S*\s+\S+\s+swap(\s|$)/.test(line)),
    };
    return keys.map(() => known(swap));
  },
};

/** The swap in use, and that of the next boot. */
export const swap = (_key = 'host'): FactQuery<Swap> => ({kind, key: 'host', subject: 'swap:host'});
