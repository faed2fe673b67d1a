import process from 'node:process';
import {expect, test} from 'vitest';
import {stat} from '../../src/facts/stat.ts';
import {reach} from '../../src/observe/connect.ts';
import {SshTransport} from '../../src/transport/ssh-transport.ts';
import {hostAt} from '../support/host-at.ts';
import {SshServer} from '../support/ssh-server.ts';

const query = stat('/');

test.runIf(process.getuid?.() === 0)(
  'a user who is not there yet sees nothing, and the host is reached all the same',
  async () => {
    await using server = await SshServer.start();
    const transport = new SshTransport({
      knownHosts: {files: [server.knownHosts], policy: 'strict'},
      forks: 5,
    });
    const host = hostAt({port: server.port, user: 'root', privateKeyFile: server.keyFile});
    const users = ['nobody-of-ours', undefined];
    const known = await reach(host, transport, new Map(users.map((user) => [user, [query]])));
    expect(known.mainUser).toBeUndefined();
    expect(known.facts(undefined).get(query)).toMatchObject({state: 'known'});
    expect(known.facts('nobody-of-ours').get(query)).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('nobody-of-ours'),
    });
    known.forget(['account:user/nobody-of-ours']);
    expect(known.facts('nobody-of-ours').has(query)).toBe(false);
    expect(known.facts(undefined).has(query)).toBe(true);
    await known.session.close();
  },
);
