import {connect, type Socket} from 'node:net';
import ssh2, {type Algorithms, type Client, type ServerHostKeyAlgorithm} from 'ssh2';
import {withResolvers} from '../base/with-resolvers.ts';
import type {Host} from '../model/host.ts';
import {addressOf, TransportError} from '../model/transport.ts';
import type {KeyVerdict, KnownHosts} from './known-hosts.ts';
import type {Identity} from './ssh-identities.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that says nothing for 45 s is dead. */
const KEEP_ALIVE = {keepaliveInterval: 15_000, keepaliveCountMax: 3} as const;

/** No key exchange over negotiated groups: it blocks the event loop for a second. No SHA-1. */
const ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
} satisfies Algorithms;

const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Who we are to a host, and how we know that it is the one. */
export interface SshCredentials {
  readonly username: string;
  readonly identities: readonly Identity[];
  readonly knownHosts: KnownHosts;
}

/** A connection over which programs can be run, after both sides have proven who they are. */
export async function connectSsh(host: Host, credentials: SshCredentials): Promise<Client> {
  const socket = await connectSocket(host);
  const client = new ssh2.Client();
  const {promise, resolve, reject} = withResolvers<Client>();
  const tried: string[] = [];
  let verdict: KeyVerdict | undefined;
  const {address, port} = host.connection;
  client.on('ready', () => resolve(client));
  client.on('error', (error) => reject(reasonOf(error, host, credentials, {verdict, tried})));
  client.on('close', () => reject(unreachable(host, 'it closed the connection before the login')));
  writeInTurns(socket);
  client.connect({
    sock: socket,
    username: credentials.username,
    readyTimeout: 2 * CONNECT_TIMEOUT_MS,
    ...KEEP_ALIVE,
    algorithms: {...ALGORITHMS, serverHostKey: hostKeys(credentials.knownHosts.keyTypes(address, port))},
    hostVerifier: (key: Buffer) => {
      verdict = credentials.knownHosts.check(address, port, key);
      return verdict.verdict === 'accepted';
    },
    authHandler: authHandler(credentials.identities, tried),
  });
  askForNoProof(client);
  return await promise;
}

/**
 * OpenSSH tells all its host keys behind the login, and ssh2 has it prove each of them, for an event that nobody
 * here listens to: a signature of the server and a check of ours for each key, at every connection. There is no option for it;
 * where a later ssh2 keeps its handlers elsewhere, nothing is lost but that time.
 */
function askForNoProof(client: Client): void {
  const handlers: unknown = Reflect.get(Object(Reflect.get(client, '_protocol')), '_handlers');
  if (typeof handlers !== 'object' || handlers === null) return;
  Reflect.set(
    handlers,
    'GLOBAL_REQUEST',
    (protocol: {requestFailure(): void}, _name: string, wants: boolean) => {
      if (wants) protocol.requestFailure();
    },
  );
}

/**
 * Everything that is written in one turn of the event loop leaves as one segment. ssh2 writes three pieces for each
 * packet, and each would be a system call here, and would wake the server there.
 */
function writeInTurns(socket: Socket): void {
  const write = socket.write.bind(socket);
  Object.assign(socket, {
    write(...args: Parameters<typeof write>): boolean {
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      return write(...args);
    },
  });
}

/** ssh2 leaves Nagle's algorithm on, which costs 40 ms a program. */
async function connectSocket(host: Host): Promise<Socket> {
  const {address, port} = host.connection;
  const {promise, resolve, reject} = withResolvers<Socket>();
  const socket = connect({host: address, port, noDelay: true});
  const timer = setTimeout(() => reject(unreachable(host, 'no answer')), CONNECT_TIMEOUT_MS);
  socket.once('connect', () => resolve(socket));
  socket.once('error', (error) => reject(unreachable(host, sentenceOf(error))));
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Types that are known of the host come first, so that it shows a key that we can compare. */
function hostKeys(known: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (type: string): boolean => known.includes(type.startsWith('rsa-') ? 'ssh-rsa' : type);
  return [...HOST_KEYS.filter(isKnown), ...HOST_KEYS.filter((type) => !isKnown(type))];
}

/** What the server does not take is not tried; the first round trip is spared by not asking what it takes. */
function authHandler(identities: readonly Identity[], tried: string[]): ssh2.AuthHandlerMiddleware {
  const left = [...identities];
  return (methods: readonly string[] | null, _partial, next) => {
    const accepted = (identity: Identity): boolean =>
      methods === null || methods.length === 0 || methods.includes(protocolName(identity.method.type));
    const at = left.findIndex(accepted);
    const [identity] = at === -1 ? [] : left.splice(0, at + 1).slice(-1);
    if (!identity) return false; // How ssh2 is told that there is no more to try.
    tried.push(identity.label);
    next(identity.method);
    return undefined;
  };
}

const protocolName = (type: string): string => (type === 'agent' ? 'publickey' : type);

interface Progress {
  readonly verdict: KeyVerdict | undefined;
  readonly tried: readonly string[];
}

function reasonOf(
  error: Error & {readonly level?: string},
  host: Host,
  {username}: SshCredentials,
  {verdict, tried}: Progress,
): TransportError {
  const who = addressOf(host);
  if (verdict?.verdict === 'rejected')
    return new TransportError('host-key', `${who}: ${verdict.because}.`, verdict.hint);
  if (error.level !== 'client-authentication') return unreachable(host, sentenceOf(error));
  const what = tried.length === 0 ? 'nothing to log in with is left to try' : `tried ${tried.join(', ')}`;
  const hint = 'Set ansible_user and ansible_ssh_private_key_file for this host, or add its key to an agent.';
  return new TransportError('authentication', `${who} does not let ${username} in: ${what}.`, hint);
}

const unreachable = (host: Host, because: string): TransportError =>
  new TransportError('unreachable', `${addressOf(host)} cannot be reached: ${because}`);

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  EHOSTUNREACH: 'there is no way to it (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way to its network (ENETUNREACH)',
  ENOTFOUND: 'its name is not known (ENOTFOUND)',
  ETIMEDOUT: 'no answer (ETIMEDOUT)',
  ECONNRESET: 'it closed the connection (ECONNRESET)',
};

const sentenceOf = (error: Error & {readonly code?: string}): string =>
  SENTENCES[error.code ?? ''] ?? error.message;
