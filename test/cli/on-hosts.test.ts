import {expect, test} from 'vitest';
import {withResolvers} from '../../src/base/with-resolvers.ts';
import {onHosts, reachedAll, silence} from '../../src/cli/on-hosts.ts';
import {transportTo} from '../../src/cli/transport.ts';
import type {Host} from '../../src/model/host.ts';
import {TransportError} from '../../src/model/transport.ts';
import {NO_COLOUR} from '../../src/report/palette.ts';
import type {Session, Transport} from '../../src/shell/session.ts';
import {host} from '../report/recordings.ts';
import {hostAt} from '../support/host-at.ts';

const named = (name: string): Host => ({...hostAt({transport: 'local'}), name: host(name)});

/** Sessions that do nothing but count how many of them are open. */
class CountingTransport implements Transport {
  open = 0;
  most = 0;

  async connect({name}: Host): Promise<Session> {
    if (name === host('down')) throw new TransportError('unreachable', 'refused', 'Start it.');
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    const never = (): never => {
      throw new Error('not used');
    };
    return Promise.resolve({
      shell: never,
      pipe: never,
      protect: never,
      lock: never,
      unlock: never,
      interrupt: never,
      close: async () => {
        this.open -= 1;
        return Promise.resolve();
      },
      closed: Promise.resolve(),
      roundTrips: 0,
    });
  }
}

test('each host is told as soon as it has answered, and all are returned in order', async () => {
  const first = withResolvers<void>();
  const told: string[] = [];
  const answers = await onHosts(
    {hosts: [named('a'), named('b')], transport: new CountingTransport(), forks: 2},
    async (_, {name}) => {
      if (name === host('a')) await first.promise;
      else first.resolve();
      return name;
    },
    ({host: {name}}) => told.push(name),
  );
  expect(told).toEqual(['b', 'a']);
  expect(answers.map((answer) => answer.ok && answer.value)).toEqual(['a', 'b']);
});

test('a host that cannot be reached keeps no other from its answer', async () => {
  const transport = new CountingTransport();
  const answers = await onHosts(
    {hosts: [named('down'), named('a')], transport, forks: 1},
    () => Promise.resolve(1),
    () => {},
  );
  expect(answers.map(({ok}) => ok)).toEqual([false, true]);
  expect(reachedAll(answers)).toBe(4);
  expect(transport.open).toBe(0);
});

test('no more hosts than forks are worked on at a time', async () => {
  const transport = new CountingTransport();
  const hosts = Array.from({length: 10}, (_, index) => named(`w${index}`));
  await onHosts(
    {hosts, transport, forks: 3},
    () => Promise.resolve(1),
    () => {},
  );
  expect(transport.most).toBe(3);
});

test('a session is closed when the work on it fails, and our own mistakes are not hidden', async () => {
  const transport = new CountingTransport();
  const work = onHosts(
    {hosts: [named('a')], transport, forks: 1},
    () => Promise.reject(new TypeError('ours')),
    () => {},
  );
  await expect(work).rejects.toThrow('ours');
  expect(transport.open).toBe(0);
});

test('a host that is silent is told with its reason and a way out', () => {
  expect(silence(new TransportError('unreachable', 'refused', 'Start it.'), NO_COLOUR)).toBe(
    'unreachable: refused\n  hint: Start it.\n',
  );
});

test('a way to reach hosts is loaded once, and only when a host needs it', async () => {
  const loaded: string[] = [];
  const load = (way: string) => () => {
    loaded.push(way);
    return Promise.resolve(new CountingTransport());
  };
  const transport = transportTo({ssh: load('ssh'), local: load('local')});
  await Promise.all([transport.connect(named('a')), transport.connect(named('b'))]);
  expect(loaded).toEqual(['local']);
});
