import {constants} from 'node:os';
import {TransportError} from '../model/transport.ts';
import {Capped} from '../shell/capped.ts';
import {type Channel, type ChannelEnd, describeEnd} from '../shell/channel.ts';
import {OUTPUT_CAP_BYTES} from '../shell/framing.ts';
import type {StepResult} from '../shell/shell.ts';

/** What a program on a channel of its own prints, and how it ends. */
export async function collect(channel: Channel): Promise<StepResult> {
  const [stdout, stderr] = [new Capped(OUTPUT_CAP_BYTES), new Capped(OUTPUT_CAP_BYTES)];
  channel.receive('stdout', (chunk) => stdout.push(chunk));
  channel.receive('stderr', (chunk) => stderr.push(chunk));
  const exitCode = exitCodeOf(await channel.ended);
  const truncated = stdout.truncated || stderr.truncated;
  return {exitCode, stdout: stdout.bytes(), stderr: stderr.bytes(), truncated};
}

const SIGNALS: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));

function exitCodeOf(end: ChannelEnd): number {
  if (end.exitCode !== undefined) return end.exitCode;
  if (end.signal === undefined) throw new TransportError('lost', `The program was lost: ${describeEnd(end)}`);
  return 128 + (SIGNALS.get(`SIG${end.signal.replace('SIG', '')}`) ?? 0);
}
