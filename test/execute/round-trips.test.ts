import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {Cancellation} from '../../src/execute/cancellation.ts';
import {run} from '../../src/execute/run.ts';
import type {Staged} from '../../src/model/graph.ts';
import type {Host} from '../../src/model/host.ts';
import type {HostProfile} from '../../src/model/profile.ts';
import type {Resource} from '../../src/model/resource.ts';
import {readProfile} from '../../src/observe/connect.ts';
import {RESOURCES} from '../../src/resources/registry.ts';
import type {Session, Transport} from '../../src/shell/session.ts';
import {LocalTransport} from '../../src/transport/local-transport.ts';
import {aGraph, aHost, aTask} from '../support/graphs.ts';
import {TempDir} from '../support/temp-dir.ts';

/** Counts, for all sessions, how often a host ran dry and waited for us. */
class CountingTransport implements Transport {
  readonly #sessions: Session[] = [];
  readonly #inner = new LocalTransport();

  async connect(host: Host): Promise<Session> {
    const session = await this.#inner.connect(host);
    this.#sessions.push(session);
    return session;
  }

  get roundTrips(): number {
    return this.#sessions.reduce((sum, {roundTrips}) => sum + roundTrips, 0);
  }
}

function copy(dest: (profile: HostProfile) => string): Staged<Resource> {
  const type = RESOURCES.get('copy');
  return {
    stage: 'profile',
    reads: [],
    resolve({profile}) {
      const attributes = {mode: '0644', backup: false, sensitive: false};
      const bound = type?.bind({dest: dest(profile), content: 'wanted\n', ...attributes}, profile);
      if (typeof bound !== 'object') throw new Error(bound);
      return {ok: true, value: bound};
    },
  };
}

async function profileOfThisMachine(): Promise<HostProfile> {
  const session = await new LocalTransport().connect(aHost('a'));
  const profile = await readProfile(session, undefined);
  await session.close();
  return profile;
}

async function roundTripsOf(tasks: readonly Staged<Resource>[]): Promise<number> {
  const transport = new CountingTransport();
  const graph = aGraph({tasks: tasks.map((resource, index) => aTask(`task-${index}`, {resource}))});
  const options = {mode: 'apply', forks: 9, texts: false, auditTouches: false} as const;
  const cancel = new Cancellation();
  const {summary} = await run({graph, transport, listen: () => undefined, cancel, ...options});
  expect(summary).toMatchObject({ok: tasks.length, changed: 0, failed: 0});
  return transport.roundTrips;
}

test('a run with nothing to do costs one round trip, whatever the number of tasks', async () => {
  using dir = new TempDir();
  const paths = Array.from({length: 300}, (_, n) => join(dir.path, `file-${n}`));
  for (const path of paths) writeFileSync(path, 'wanted\n', {mode: 0o644});
  expect(await roundTripsOf(paths.map((path) => copy(() => path)))).toBe(1);
});

test('where a question depends on what the host is, a run with nothing to do costs two', async () => {
  using dir = new TempDir();
  const {arch} = await profileOfThisMachine();
  writeFileSync(join(dir.path, arch), 'wanted\n', {mode: 0o644});
  expect(await roundTripsOf([copy((profile) => join(dir.path, profile.arch))])).toBe(2);
});
