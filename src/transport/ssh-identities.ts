import {readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import ssh2, {type AnyAuthMethod, type ParsedKey} from 'ssh2';
import type {Connection} from '../model/host.ts';
import {TransportError} from '../model/transport.ts';

/** Tried where the inventory names none, as OpenSSH does. */
const DEFAULT_FILES: readonly string[] = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) =>
  join(homedir(), '.ssh', name),
);

/** A way to say who we are, and its name in messages. */
export interface Identity {
  readonly label: string;
  readonly method: AnyAuthMethod;
}

/** The keys of whoever runs the program, read once. */
export class Identities {
  readonly #files: readonly string[];
  readonly #agent: string | undefined;
  readonly #keys = new Map<string, ReturnType<typeof readKey>>();

  constructor(files: readonly string[] = DEFAULT_FILES, agent: string | undefined) {
    this.#files = files;
    this.#agent = agent;
  }

  /** In the order in which they are tried: the host's key file, the agent, the default keys, the password. */
  of({privateKeyFile, password}: Connection, username: string): readonly Identity[] {
    const named = privateKeyFile === undefined ? [] : this.#named(privateKeyFile, username);
    const agent = this.#agent === undefined ? [] : [agentIdentity(this.#agent, username)];
    const others =
      privateKeyFile === undefined ? this.#files.flatMap((file) => this.#default(file, username)) : [];
    const secret = password?.reveal();
    return [...named, ...agent, ...others, ...(secret === undefined ? [] : passwords(secret, username))];
  }

  /** Must be usable: an encrypted one is the agent's. */
  #named(file: string, username: string): readonly Identity[] {
    const key = this.#key(file);
    if (key.state === 'usable') return [keyIdentity(file, key.key, username)];
    if (key.state === 'encrypted' && this.#agent !== undefined) return [];
    throw new TransportError('authentication', `The key ${file} cannot be used: ${key.because}`, key.hint);
  }

  #default(file: string, username: string): readonly Identity[] {
    const key = this.#key(file);
    return key.state === 'usable' ? [keyIdentity(file, key.key, username)] : [];
  }

  #key(file: string): ReturnType<typeof readKey> {
    const key = this.#keys.get(file) ?? readKey(file);
    this.#keys.set(file, key);
    return key;
  }
}

type ReadKey =
  | {readonly state: 'usable'; readonly key: ParsedKey}
  | {readonly state: 'encrypted' | 'unusable'; readonly because: string; readonly hint: string | undefined};

function readKey(file: string): ReadKey {
  try {
    const parsed = ssh2.utils.parseKey(readFileSync(file));
    if (!(parsed instanceof Error)) return {state: 'usable', key: parsed};
    if (!/encrypted/i.test(parsed.message)) return unusable(parsed.message);
    const hint = `Hand it to an agent: eval "$(ssh-agent)"; ssh-add ${JSON.stringify(file)}`;
    return {state: 'encrypted', because: 'it has a passphrase, and no agent runs', hint};
  } catch (error) {
    return unusable(error instanceof Error ? error.message : String(error));
  }
}

const unusable = (because: string): ReadKey => ({state: 'unusable', because, hint: undefined});

const keyIdentity = (file: string, key: ParsedKey, username: string): Identity => ({
  label: `the key ${file}`,
  method: {type: 'publickey', username, key},
});

const agentIdentity = (agent: string, username: string): Identity => ({
  label: 'the agent',
  method: {type: 'agent', username, agent},
});

/** Many servers ask for the password by a dialog of one question. */
const passwords = (password: string, username: string): readonly Identity[] => [
  {label: 'the password', method: {type: 'password', username, password}},
  {
    label: 'the password in a dialog',
    method: {
      type: 'keyboard-interactive',
      username,
      prompt: (...[, , , prompts, answer]) => answer(prompts.map(() => password)),
    },
  },
];
