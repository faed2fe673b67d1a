import type {Script} from '../base/script.ts';
import {findRunDirectory} from './run-directory.ts';
import {sh} from './sh.ts';
import type {StepResult} from './shell.ts';

/** Of `takeLock`: somebody else has it. */
const BUSY = 75;

/** Notes in the resident shell itself who had the lock last, before anything is looked at. Makes nothing. */
export const noteLock: Script = sh`_run=/run/provision _noted=
[ -O "$_run" ] || [ "$(id -u)" = 0 ] || _run=\${XDG_RUNTIME_DIR:-/tmp}/provision-$(id -u)
[ ! -r "$_run/lock" ] || read -r _noted <"$_run/lock" || :`;

/**
 * Takes the host's lock on descriptor 9 of the resident shell itself, so that it goes when the shell goes.
 * `flock` gets the descriptor under another number: mksh hides those that `exec` opened from its children.
 * Prints who had it since `noteLock`, if anybody had.
 */
export const takeLock = (holder: string): Script => sh`_take() {
  ${findRunDirectory} || return
  (umask 077; : >>"$_run/lock") || return
  exec 9<>"$_run/lock"
  flock -n 3 3<&9
  _code=$?
  if [ "$_code" = 0 ]; then
    _before=; read -r _before <"$_run/lock" || :
    [ "$_before" = "\${_noted-}" ] || printf '%s\\n' "$_before"
    printf '%s\\n' ${holder} >"$_run/lock" && read -r _noted <"$_run/lock"
    return
  fi
  exec 9>&-
  [ "$_code" = 1 ] || return "$_code"
  cat "$_run/lock"
  return ${BUSY}
}
_take`;

export const releaseLock: Script = sh`: >&9; exec 9>&-`;

export type LockAnswer =
  /** `since`: who had it since the session began, and has changed the host. */
  {readonly taken: true; readonly since?: string} | {readonly taken: false; readonly holder: string};

/** `undefined` where the host could not say. */
export function readLockAnswer({exitCode, stdout}: StepResult): LockAnswer | undefined {
  const said = new TextDecoder().decode(stdout).trim();
  if (exitCode === 0) return said === '' ? {taken: true} : {taken: true, since: said};
  return exitCode === BUSY ? {taken: false, holder: said} : undefined;
}
