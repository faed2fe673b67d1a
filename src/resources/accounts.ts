import type {Script} from '../base/script.ts';
import type {HostProfile} from '../model/profile.ts';
import {sh} from '../shell/sh.ts';

/** As useradd accepts names. */
export const ACCOUNT_NAME = '^[a-z_][a-z0-9_.-]{0,31}$';

/** Alpine has busybox's adduser and its relatives, unless somebody installed others. */
export const hasBusyboxAccounts = ({os}: HostProfile): boolean =>
  os.id === 'alpine' || os.family.includes('alpine');

/** The words of those options that apply, each behind a blank. */
export function options(...all: readonly (string | readonly string[] | false)[]): Script {
  const words = all.flatMap((each) => (each === false ? [] : each));
  return words.reduce((script, word) => sh`${script} ${word}`, sh``);
}
