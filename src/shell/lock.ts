import type {Script} from '../base/script.ts';
import {findRunDirectory} from './run-directory.ts';
import {sh} from './sh.ts';
import type {StepResult} from './shell.ts';

/** Of `takeLock`: somebody else has it. */
const BUSY = 75;

/**
 * Takes the host's lock on descriptor 9 of the resident shell itself, so that it goes when the shell goes.
 * `flock` gets the descriptor under another number: mksh hides those that `exec` opened from its children.
 */
export const takeLock = (holder: string): Script => sh`_take() {
  ${findRunDirectory} || return
  (umask 077; : >>"$_run/lock") || return
  exec 9<>"$_run/lock"
  flock -n 3 3<&9 && printf '%s\\n' ${holder} >"$_run/lock" && return
  _code=$?
  exec 9>&-
  [ "$_code" = 1 ] || return "$_code"
  cat "$_run/lock"
  return ${BUSY}
}
_take`;

export const releaseLock: Script = sh`: >&9; exec 9>&-`;

export type LockAnswer = {readonly taken: true} | {readonly taken: false; readonly holder: string};

/** `undefined` where the host could not say. */
export function readLockAnswer({exitCode, stdout}: StepResult): LockAnswer | undefined {
  if (exitCode === 0) return {taken: true};
  return exitCode === BUSY ? {taken: false, holder: new TextDecoder().decode(stdout).trim()} : undefined;
}
