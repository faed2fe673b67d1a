import {visibleLine} from '../base/visible.ts';
import {type Gate, gateScript, listScript} from '../brackets/cluster-gate/script.ts';
import type {Host} from '../model/host.ts';
import type {Palette} from '../report/palette.ts';
import type {Session} from '../shell/session.ts';
import type {StepResult} from '../shell/shell.ts';
import {askInTurn} from './ask-in-turn.ts';
import {EXIT} from './exit-codes.ts';
import {userOf} from './on-hosts.ts';
import {withInventory} from './project.ts';
import {paletteOf} from './reporting.ts';
import {type WatchFlags, watchedCluster} from './watched-cluster.ts';
import type {World} from './world.ts';

export interface StatusFlags extends WatchFlags {
  readonly format: 'text' | 'json';
}

/** `provision status`: how the cluster is. Changes nothing, unless it is asked to make pods that try the network. */
export async function status(given: StatusFlags, world: World): Promise<number> {
  const flags = withInventory(given, [], world);
  const {controlPlanes, gate} = await watchedCluster(flags, world);
  return askInTurn(
    {
      hosts: controlPlanes,
      ask: (session, host) => askCluster(session, host, gate),
      tell: (state) => tell(state, flags.format, world),
    },
    flags,
    world,
  );
}

/** What a control plane says of its cluster. */
interface ClusterState {
  readonly nodes: readonly NodeState[];
  readonly pods: {readonly all: number; readonly ready: number};
  /** Empty where all is right. */
  readonly problems: readonly string[];
}

interface NodeState {
  readonly name: string;
  readonly version: string;
  readonly ready: boolean;
}

async function askCluster(session: Session, host: Host, gate: Gate): Promise<ClusterState | string> {
  await session.protect();
  const shell = await session.shell(userOf(host));
  const options = {onFailure: 'go-on', timeoutMs: gate.timeoutMs + 120_000} as const;
  const [list, judged] = await Promise.all([
    shell.send(listScript(gate.kubeconfig), options),
    shell.send(gateScript(gate), options),
  ]);
  if (list === 'skipped' || judged === 'skipped') return 'not asked';
  if (list.exitCode !== 0) return visibleLine(text(list.stderr).trim() || 'kubectl fails');
  return stateOf(list, judged);
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const linesOf = (bytes: Uint8Array): readonly string[] =>
  text(bytes)
    .split('\n')
    .filter((line) => line !== '');

function stateOf(list: StepResult, judged: StepResult): ClusterState {
  const rows = linesOf(list.stdout).map((line) => line.split(' '));
  const nodes = rows
    .filter(([word]) => word === 'node')
    .map(([, name = '', version = '', ready]) => ({name, version, ready: ready === 'True'}));
  const pods = rows.filter(([word, , , phase]) => word === 'pod' && phase !== 'Succeeded');
  const ready = pods.filter(([, , , , state]) => state === 'True').length;
  const said = linesOf(judged.stderr);
  const problems = judged.exitCode === 0 ? [] : said.length > 0 ? said : ['it could not be looked at'];
  return {nodes, pods: {all: pods.length, ready}, problems};
}

function tell(state: ClusterState, format: 'text' | 'json', world: World): number {
  const palette = paletteOf(world.out, world);
  world.out.write(format === 'json' ? `${JSON.stringify(state, undefined, 2)}\n` : asText(state, palette));
  return state.problems.length === 0 ? EXIT.done : EXIT.failed;
}

function asText({nodes, pods, problems}: ClusterState, palette: Palette): string {
  const width = Math.max(...nodes.map(({name}) => name.length), 0);
  const rows = nodes.map(({name, version, ready}) => {
    const word = ready ? palette.good('Ready') : palette.bad('not Ready');
    return `${visibleLine(name).padEnd(width)}  ${visibleLine(version)}  ${word}\n`;
  });
  const found = problems.map((problem) => `${palette.bad('!')} ${visibleLine(problem)}\n`);
  const end = problems.length === 0 ? 'Nothing is wrong.\n' : '';
  return `${rows.join('')}${pods.ready} of ${pods.all} pods are Ready.\n${found.join('')}${end}`;
}
