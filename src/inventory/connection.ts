import {homedir, userInfo} from 'node:os';
import {join} from 'node:path';
import {parseDuration} from '../base/duration.ts';
import {Secret} from '../base/secret.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Connection, Host} from '../model/host.ts';
import type {HostName} from '../model/names.ts';

/** A rendered variable and the place that set it. */
export interface ConnectionValue {
  readonly value: unknown;
  readonly at: SourceRange;
}

/** Each word with the older names that Ansible still reads; the first that is set wins. */
const NAMES = {
  transport: ['ansible_connection'],
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  privateKeyFile: ['ansible_ssh_private_key_file', 'ansible_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_pass'],
  become: ['ansible_become'],
  becomeUser: ['ansible_become_user'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass'],
  becomeMethod: ['ansible_become_method'],
  reconnectTimeout: ['reconnect_timeout'],
} as const;

/** Variables that say how to reach a host: no role has to declare them. */
export const CONNECTION_VARIABLES: ReadonlySet<string> = new Set(Object.values(NAMES).flat());

/** Long enough for a host that restarts. */
const RECONNECT_TIMEOUT_MS = 300_000;

/** What a connection is made from. */
export interface ConnectionOptions {
  readonly name: HostName;
  /** Where the inventory names the host. */
  readonly at: SourceRange;
  /** A variable of this host, rendered; `undefined` where it is not set. */
  get(variable: string): ConnectionValue | undefined;
  /** Who logs in where no `ansible_user` is set: whoever runs the program. */
  readonly loginUser?: string;
}

/**
 * How to reach a host, from its variables. Tasks become root unless the login is root already, or
 * `ansible_become: false` says that they do not.
 */
export function connectionOf(options: ConnectionOptions, problems: Problems): Host {
  const {name, at, loginUser = userInfo().username} = options;
  const read = new Reader(options, problems);
  const user = read.text('user');
  const connection: Connection = {
    transport: read.transport(),
    address: read.text('address') ?? name,
    port: read.port(),
    user,
    privateKeyFile: expandHome(read.text('privateKeyFile')),
    password: read.secret('password'),
    become: {
      enabled: read.flag('become') ?? (user ?? loginUser) !== 'root',
      user: read.text('becomeUser') ?? 'root',
      password: read.secret('becomePassword'),
    },
    reconnectTimeoutMs: read.duration('reconnectTimeout') ?? RECONNECT_TIMEOUT_MS,
  };
  read.checkMethod();
  return {name, at, connection};
}

type Word = keyof typeof NAMES;

class Reader {
  readonly #options: ConnectionOptions;
  readonly #problems: Problems;

  constructor(options: ConnectionOptions, problems: Problems) {
    this.#options = options;
    this.#problems = problems;
  }

  text(word: Word): string | undefined {
    return this.#read(word, 'a text that is not empty', (value) =>
      (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined,
    );
  }

  secret(word: Word): Secret | undefined {
    return this.#read(word, 'a text', (value) => {
      if (value instanceof Secret) return value;
      return typeof value === 'string' || typeof value === 'number' ? new Secret(String(value)) : undefined;
    });
  }

  flag(word: Word): boolean | undefined {
    return this.#read(word, 'true or false', (value) =>
      typeof value === 'boolean' ? value : FLAGS[typeof value === 'string' ? value.toLowerCase() : ''],
    );
  }

  port(): number {
    const fits = (port: number): number | undefined =>
      Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
    const parse = (value: unknown): number | undefined =>
      typeof value === 'number' || typeof value === 'string' ? fits(Number(value)) : undefined;
    return this.#read('port', 'a whole number from 1 to 65535', parse) ?? 22;
  }

  duration(word: Word): number | undefined {
    return this.#read(word, 'a duration such as 90s or 5m', (value) =>
      typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined,
    );
  }

  transport(): Connection['transport'] {
    const parse = (value: unknown): Connection['transport'] | undefined =>
      typeof value === 'string' ? TRANSPORTS[value] : undefined;
    return this.#read('transport', '"ssh" or "local"', parse) ?? 'ssh';
  }

  /** Other ways to become root are refused rather than left out. */
  checkMethod(): void {
    this.#read('becomeMethod', '"sudo"', (value) => (value === 'sudo' ? value : undefined));
  }

  #read<Value>(word: Word, wanted: string, parse: (value: unknown) => Value | undefined): Value | undefined {
    for (const name of NAMES[word]) {
      const variable = this.#options.get(name);
      if (!variable || variable.value === null) continue;
      const value = parse(variable.value);
      if (value === undefined)
        this.#problems.report('E105', {
          range: variable.at,
          detail: `"${name}" of host "${this.#options.name}" must be ${wanted}.`,
        });
      return value;
    }
    return undefined;
  }
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

const TRANSPORTS: Readonly<Record<string, Connection['transport']>> = {
  ssh: 'ssh',
  smart: 'ssh',
  paramiko: 'ssh',
  local: 'local',
};

const expandHome = (path: string | undefined): string | undefined =>
  path?.startsWith('~/') ? join(homedir(), path.slice(2)) : path;

/** Two hosts at one address are mostly one host with two names: tasks of the two would fight. */
export function warnOfSharedAddresses(hosts: Iterable<Host>, problems: Problems): void {
  const first = new Map<string, Host>();
  for (const host of hosts) {
    const {transport, address, port} = host.connection;
    const target = transport === 'local' ? 'this machine' : `${address}:${port}`;
    const other = first.get(target);
    if (!other) first.set(target, host);
    else
      problems.warn('E206', {
        range: host.at,
        detail: `"${host.name}" and "${other.name}" are both reached at ${target}.`,
        hint: 'If they are one host, give it one name: tasks for the two would run at once.',
        notes: [{range: other.at, message: `"${other.name}"`}],
      });
  }
}
