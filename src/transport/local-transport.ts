import {userInfo} from 'node:os';
import {withResolvers} from '../base/with-resolvers.ts';
import type {Host} from '../model/host.ts';

import type {Session, Transport} from '../shell/session.ts';
import {HostSession} from './host-session.ts';
import {spawnChannel} from './local-channel.ts';
import type {Opener} from './opener.ts';

/** The machine itself, by child processes. `env` is what the login would set. */
export class LocalTransport implements Transport {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
  }

  connect(host: Host): Promise<Session> {
    const connection = {...host.connection, user: userInfo().username};
    return Promise.resolve(new HostSession(localOpener(this.#env), connection));
  }
}

function localOpener(env: NodeJS.ProcessEnv): Opener {
  const {promise: closed, resolve} = withResolvers<void>();
  return {
    closed,
    open: async (command) => await Promise.resolve(spawnChannel(['/bin/sh', '-c', command], env)),
    close: async () => await Promise.resolve(resolve()),
  };
}
