import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import ssh2, {type ServerChannel, type Connection as ServerConnection, type Session} from 'ssh2';
import {TempDir} from './temp-dir.ts';

/** How a server of a test behaves. */
export interface SshServerOptions {
  /** What its programs find in their environment, beside our own. */
  readonly env?: NodeJS.ProcessEnv;
  /** What logs in, besides the key. */
  readonly password?: string;
  /** Channels that it allows on a connection. */
  readonly maxSessions?: number;
  /** The login shell. */
  readonly shell?: string;
}

/** One key in about two hundred that ssh2 makes is malformed, and no program reads it. */
function keys(): {readonly private: string; readonly public: string} {
  const made = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(made.private) instanceof Error ? keys() : made;
}

/** A host in this process: SSH on the loopback, whose programs run on this machine. */
export class SshServer implements AsyncDisposable {
  /** How often somebody connected. */
  connections = 0;
  /** All commands that were asked for, as everybody on the host could read them. */
  readonly commands: string[] = [];
  readonly #options: SshServerOptions;
  readonly #directory = new TempDir();
  readonly #sockets = new Set<Socket>();
  readonly #programs = new Set<Promise<unknown>>();
  readonly #key = keys();
  readonly #hostKey = keys();
  readonly #server: Server;

  private constructor(options: SshServerOptions) {
    this.#options = options;
    writeFileSync(this.keyFile, this.#key.private, {mode: 0o600});
    const ssh = new ssh2.Server({hostKeys: [this.#hostKey.private]}, (client) => this.#accept(client));
    this.#server = createServer({noDelay: true}, (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      ssh.injectSocket(socket);
    });
  }

  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const server = new SshServer(options);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.trust(server.#hostKey.public);
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server does not listen');
    return address.port;
  }

  /** Logs in. */
  get keyFile(): string {
    return this.#directory.at('key');
  }

  get knownHosts(): string {
    return this.#directory.at('known_hosts');
  }

  /** Writes the only key that is known of this server. */
  trust(publicKey: string): void {
    writeFileSync(this.knownHosts, `[127.0.0.1]:${this.port} ${publicKey}\n`);
  }

  /** All connections break, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await Promise.all(this.#programs);
    await new Promise((resolve) => this.#server.close(resolve));
    this.#directory[Symbol.dispose]();
  }

  #accept(client: ServerConnection): void {
    this.connections += 1;
    let channels = 0;
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (this.#lets(context)) context.accept();
      else context.reject(['publickey', 'password']);
    });
    client.on('session', (accept, reject) => {
      if (channels >= (this.#options.maxSessions ?? 10)) return reject();
      channels += 1;
      this.#serve(accept(), () => {
        channels -= 1;
      });
    });
  }

  #lets(context: ssh2.AuthContext): boolean {
    if (context.method === 'password') return context.password === this.#options.password;
    if (context.method !== 'publickey') return false;
    const ours = ssh2.utils.parseKey(this.#key.public);
    return !(ours instanceof Error) && ours.getPublicSSH().equals(context.key.data);
  }

  #serve(session: Session, onClose: () => void): void {
    session.on('exec', (accept, _reject, {command}) => {
      this.commands.push(command);
      const channel = accept();
      channel.on('close', onClose);
      const program = this.#run(command, channel);
      this.#programs.add(program);
      void program.then(() => this.#programs.delete(program));
    });
  }

  async #run(command: string, channel: ServerChannel): Promise<void> {
    const env = {...process.env, ...this.#options.env};
    const child = spawn(this.#options.shell ?? '/bin/sh', ['-c', command], {env, detached: true});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, {end: false});
    child.stderr.pipe(channel.stderr, {end: false});
    child.stdin.on('error', () => undefined);
    channel.on('error', () => undefined);
    channel.on('close', () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    });
    await once(child, 'close');
    channel.exit(child.exitCode ?? 0);
    channel.end();
  }
}
