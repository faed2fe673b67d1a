import type {Connection, Host} from '../../src/model/host.ts';
import {hostName} from './graphs.ts';

/** A host as an inventory would give it, reached as `connection` says. */
export function hostAt(connection: Partial<Connection>): Host {
  return {
    name: hostName('web-1'),
    connection: {
      transport: 'ssh',
      address: '127.0.0.1',
      port: 22,
      user: undefined,
      privateKeyFile: undefined,
      password: undefined,
      become: {enabled: false, user: 'root', password: undefined},
      reconnectTimeoutMs: 0,
      ...connection,
    },
    at: {source: {file: 'hosts.yaml', text: ''}, from: 0, to: 0},
  };
}
