import type {Script} from '../base/script.ts';
import {NO_SUCH_USER} from '../shell/pipelined-shell.ts';
import {quote, sh} from '../shell/sh.ts';
import type {ChannelKind} from './opener.ts';

/** Logins without an administrator's PATH do not find sysctl, modprobe and their like. */
const PATHS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Reads one line, a program in base64, and becomes it; what follows is that program's input. Thus no program
 * and no value is on a command line, where everybody could read it. No quote, backslash, exclamation mark or line
 * break in it: bash, zsh, fish and csh must all understand it in single quotes.
 */
const BOOT = 'IFS= read -r p && p=$(echo "$p" | base64 -d) && eval "$p"';

/** A program of /bin/sh as a command line of the login shell, whichever that is. */
const asCommand = (program: string): string => `exec /bin/sh -c '${program}'`;

export const BOOT_COMMAND = asCommand(BOOT);

/** Reads the next program, in a shell without the variables of this one. */
export const bootAgain: Script = sh`exec /bin/sh -c ${BOOT}`;

/** What the dialog with sudo is recognised by. */
export interface SudoWords {
  /** How sudo asks. */
  readonly prompt: string;
  /** Printed when it has nothing more to ask. */
  readonly marker: string;
}

/** As another user. A terminal must not echo, nor change or wait for lines. */
export function sudoCommand(user: string, {prompt, marker}: SudoWords, kind: ChannelKind): string {
  const silence = kind === 'terminal' ? 'stty raw -echo; ' : '';
  return `${silence}exec sudo -S -H -p ${prompt} -u ${quote(user)} -- /bin/sh -c 'echo ${marker}; ${BOOT}'`;
}

const withPath = (program: Script): string => `PATH=$PATH:${PATHS}; export PATH; ${program.wire}`;

/** A program as the line that `BOOT` reads. */
export const bootLine = (program: Script): string =>
  `${Buffer.from(`${withPath(program)}\n`).toString('base64')}\n`;

/** Becomes another user, as root, and reads the next program. No file crosses accounts. */
export const switchUser = (user: string): Script => sh`_user=${user}
_group=$(id -g -- "$_user") || exit ${NO_SUCH_USER}
eval "HOME=~$_user"
export HOME USER="$_user" LOGNAME="$_user"
cd / || exit
if setpriv --reuid "$_user" --regid "$_group" --init-groups true 2>/dev/null
then exec setpriv --reuid "$_user" --regid "$_group" --init-groups /bin/sh -c ${BOOT}
elif command -v runuser >/dev/null
then exec runuser -u "$_user" -- /bin/sh -c ${BOOT}
else exec su "$_user" -s /bin/sh -c ${BOOT}
fi`;

/**
 * The resident shell, at the head of a process group of its own. `setsid` would fork where it is that already.
 * Everybody may read it: for the login's own shell it is the command line, which spares three processes.
 */
export const residentShell: Script = sh`read -r _ _ _ _ _group _ <"/proc/$$/stat"; case $_group in "$$") ;; *) command -v setsid >/dev/null && exec setsid /bin/sh -s ;; esac; exec /bin/sh -s`;

export const RESIDENT_COMMAND = asCommand(withPath(residentShell));
