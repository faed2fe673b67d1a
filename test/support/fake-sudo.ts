import {chmodSync, writeFileSync} from 'node:fs';
import {TempDir} from './temp-dir.ts';

/** How the sudo of a test behaves. */
export interface FakeSudoOptions {
  /** Asked for, three times; without, nothing is. */
  readonly password?: string;
  readonly requiretty?: true;
}

/**
 * A `sudo` to be found first in a PATH. It asks as sudo does and then runs the program as whoever called it, with
 * the user that was wanted in FAKE_SUDO_USER.
 */
export class FakeSudo implements Disposable {
  readonly env: NodeJS.ProcessEnv;
  readonly #directory = new TempDir();

  constructor({password, requiretty}: FakeSudoOptions = {}) {
    writeFileSync(this.#directory.at('sudo'), PROGRAM);
    chmodSync(this.#directory.at('sudo'), 0o755);
    chmodSync(this.#directory.path, 0o755);
    this.env = {
      PATH: `${this.#directory.path}:${process.env['PATH'] ?? ''}`,
      FAKE_SUDO_PASSWORD: password ?? '',
      FAKE_SUDO_TTY: requiretty ? 'required' : '',
    };
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}

const PROGRAM = `#!/bin/sh
if [ -n "$FAKE_SUDO_TTY" ] && ! [ -t 0 ]; then
  echo 'sudo: sorry, you must have a tty to run sudo' >&2
  exit 1
fi
while :; do
  case $1 in
    -S | -H) shift ;;
    -p) prompt=$2; shift 2 ;;
    -u) FAKE_SUDO_USER=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "sudo: what is $1?" >&2; exit 1 ;;
  esac
done
export FAKE_SUDO_USER
[ -n "$FAKE_SUDO_PASSWORD" ] || exec "$@"
for try in 1 2 3; do
  printf '%s' "$prompt" >&2
  IFS= read -r given || exit 1
  [ "$given" != "$FAKE_SUDO_PASSWORD" ] || exec "$@"
  echo 'Sorry, try again.' >&2
done
exit 1
`;
