import {homedir} from 'node:os';
import {join} from 'node:path';
import type {RunOptions, RunResult} from '../execute/run.ts';
import type {Listener} from '../model/event.ts';
import type {TaskGraph} from '../model/graph.ts';
import type {Reporter} from '../report/reporter.ts';
import {scrubbing, scrubPlan} from '../report/scrub.ts';
import type {Transport} from '../shell/session.ts';
import type {SshOptions} from '../transport/ssh-transport.ts';
import type {ConnectionFlags} from './flags.ts';
import {withCancellation} from './interrupts.ts';
import {passwordsOf, withPasswords} from './passwords.ts';
import {transportTo} from './transport.ts';
import type {World} from './world.ts';

/** What differs between the commands that run a graph. */
export type RunRequest = Pick<
  RunOptions,
  'mode' | 'texts' | 'auditTouches' | 'approve' | 'bounds' | 'supply'
>;

/** One run, told by a reporter that is closed however the run ends. */
export async function runGraph(
  graph: TaskGraph,
  request: RunRequest,
  {
    flags,
    world,
    reporter,
  }: {readonly flags: ConnectionFlags; readonly world: World; readonly reporter: Reporter},
): Promise<RunResult> {
  try {
    const {run} = await import('../execute/run.ts');
    const hosts = withPasswords(graph.hosts, await passwordsOf(flags, world));
    const transport = transportFor(flags, world);
    const {forks} = flags;
    const listen = untilFinished(scrubbing(reporter.listen));
    const result = await withCancellation(world, (cancel) =>
      run({graph: {...graph, hosts}, transport, listen, forks, cancel, ...request}),
    );
    return {...result, plan: scrubPlan(result.plan)};
  } finally {
    await reporter.close();
  }
}

/** Of a run that was interrupted some connections still fail; the last word is said then. */
function untilFinished(listen: Listener): Listener {
  let isFinished = false;
  return (event) => {
    if (!isFinished) listen(event);
    isFinished ||= event.type === 'run-finished';
  };
}

/** How the flags say that hosts are reached. */
export function transportFor(flags: ConnectionFlags, world: World): Transport {
  return transportTo({
    ssh: async () => {
      const {SshTransport} = await import('../transport/ssh-transport.ts');
      return new SshTransport(sshOptions(flags, world));
    },
    local: async () => {
      const {LocalTransport} = await import('../transport/local-transport.ts');
      return new LocalTransport(world.env);
    },
  });
}

function sshOptions({knownHosts, acceptNewHostKeys, forks}: ConnectionFlags, {env}: World): SshOptions {
  const agent = env['SSH_AUTH_SOCK'];
  return {
    knownHosts: {
      files: knownHosts.length === 0 ? usualKnownHosts() : knownHosts,
      policy: acceptNewHostKeys === true ? 'accept-new' : 'strict',
    },
    forks,
    ...(agent === undefined ? {} : {agent}),
  };
}

/** Where OpenSSH looks; what is learnt is written to the first. */
const usualKnownHosts = (): readonly string[] => [
  join(homedir(), '.ssh', 'known_hosts'),
  '/etc/ssh/ssh_known_hosts',
];
