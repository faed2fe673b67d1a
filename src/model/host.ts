import type {Secret} from '../base/secret.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {HostName} from './names.ts';

/** How to reach a host and become root there. */
export interface Connection {
  readonly transport: 'ssh' | 'local';
  readonly address: string;
  readonly port: number;
  /** `undefined`: whoever runs the program. */
  readonly user: string | undefined;
  readonly privateKeyFile: string | undefined;
  /** Of the login; keys and the agent come first. */
  readonly password: Secret | undefined;
  readonly become: Become;
  /** How long a lost connection is tried again. */
  readonly reconnectTimeoutMs: number;
}

export interface Become {
  /** Whether tasks run as another user unless they say otherwise. */
  readonly enabled: boolean;
  /** root unless the inventory says otherwise. */
  readonly user: string;
  /** What sudo asks for. */
  readonly password: Secret | undefined;
}

export interface Host {
  readonly name: HostName;
  readonly connection: Connection;
  /** Where the inventory declares it first. */
  readonly at: SourceRange;
}
