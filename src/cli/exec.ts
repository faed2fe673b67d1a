import {parseDuration} from '../base/duration.ts';
import type {Script} from '../base/script.ts';
import {visible} from '../base/visible.ts';
import {ending} from '../report/failure-text.ts';
import type {Palette} from '../report/palette.ts';
import {sh} from '../shell/sh.ts';
import type {StepResult} from '../shell/shell.ts';
import {EXIT} from './exit-codes.ts';
import type {ConnectionFlags, ProjectFlags} from './flags.ts';
import {hostsOf} from './hosts.ts';
import {withCancellation} from './interrupts.ts';
import {commandLineMistake} from './mistakes.ts';
import {type HostAnswer, onHosts, reachedAll, silence, userOf} from './on-hosts.ts';
import {paletteOf} from './reporting.ts';
import {transportFor} from './run-graph.ts';
import type {World} from './world.ts';

export type ExecFlags = ProjectFlags &
  ConnectionFlags & {readonly timeout: string; readonly format: 'text' | 'json'};

/** `provision exec PATTERN -- CMD`: the same command on many hosts, each host's output as it ends. */
export async function exec(
  {pattern, words}: {readonly pattern: string; readonly words: readonly string[]},
  flags: ExecFlags,
  world: World,
): Promise<number> {
  const timeoutMs = timeoutOf(flags.timeout);
  const hosts = await hostsOf(pattern, flags, world);
  const script = scriptOf(words);
  const tell = teller(flags.format, world);
  return withCancellation(world, async (cancel) => {
    const answers = await onHosts(
      {hosts, transport: transportFor(flags, world), forks: flags.forks},
      async (session, host) => {
        if (cancel.state !== 'running') return 'skipped';
        cancel.onChange(() => void session.interrupt());
        await session.protect();
        const shell = await session.shell(userOf(host));
        return shell.send(script, {onFailure: 'go-on', timeoutMs});
      },
      tell,
    );
    return cancel.state === 'running' ? exitCodeOf(answers) : EXIT.interrupted;
  });
}

function timeoutOf(text: string): number {
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined) return timeoutMs;
  throw commandLineMistake(`"${text}" is not a duration.`, 'Durations are written like 90s, 5m or 1h30m.');
}

/** One word is a line of shell, as ssh takes it; several are a program and its arguments, each as it is. */
function scriptOf(words: readonly string[]): Script {
  const [only = '', ...rest] = words;
  return rest.length === 0 ? sh`eval ${only}` : sh`${words}`;
}

type Answer = HostAnswer<StepResult | 'skipped'>;

function exitCodeOf(answers: readonly Answer[]): number {
  return answers.some(hasFailed) ? EXIT.failed : reachedAll(answers);
}

function hasFailed(answer: Answer): boolean {
  if (!answer.ok) return answer.error.reason === 'timed-out';
  return answer.value === 'skipped' || answer.value.exitCode !== 0;
}

function teller(format: ExecFlags['format'], world: World): (answer: Answer) => void {
  const palette = paletteOf(world.out, world);
  return (answer) =>
    world.out.write(format === 'json' ? `${JSON.stringify(asJson(answer))}\n` : asText(answer, palette));
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function asJson(answer: Answer): object {
  const {host, ok} = answer;
  if (!ok) return {host: host.name, error: answer.error.reason, because: answer.error.message};
  if (answer.value === 'skipped') return {host: host.name};
  const {exitCode, stdout, stderr, truncated} = answer.value;
  return {host: host.name, exitCode, stdout: text(stdout), stderr: text(stderr), truncated};
}

/** Each host's output stands together, below its name: lines of several hosts at once cannot be read. */
function asText(answer: Answer, palette: Palette): string {
  const name = palette.strong(answer.host.name);
  if (!answer.ok) return `${name}: ${silence(answer.error, palette)}`;
  if (answer.value === 'skipped') return '';
  const {exitCode, stdout, stderr, truncated} = answer.value;
  const head = exitCode === 0 ? `${name}: ok` : `${name}: ${palette.bad(ending(exitCode))}`;
  const note = truncated ? '  (more was printed than is kept)\n' : '';
  return `${head}\n${indented(stdout)}${indented(stderr)}${note}`;
}

function indented(bytes: Uint8Array): string {
  const lines = visible(text(bytes).replaceAll('\r\n', '\n').replace(/\n$/, ''));
  return lines === '' ? '' : `${lines.replace(/^/gm, '  ')}\n`;
}
