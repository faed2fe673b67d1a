import {createReadStream} from 'node:fs';
import {Readable} from 'node:stream';
import type {Script} from '../base/script.ts';
import type {Fact, FactQuery} from '../model/fact.ts';
import type {Failure} from '../model/outcome.ts';
import {display, type FileSend, isScript} from '../model/step.ts';
import type {SuppliedFile, Supply} from '../model/supply.ts';
import {isTransportError} from '../model/transport.ts';
import {ask} from '../observe/ask.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {downloadFile, receiveFile} from '../shell/receive-file.ts';
import type {StepResult} from '../shell/shell.ts';
import {failureOf} from './failure-of.ts';
import {runJob} from './jobs.ts';
import type {Parcel} from './parcels.ts';
import {rebootHost} from './reboot.ts';

/** How a delivery ended, and the facts that were asked behind it. */
export interface Delivered<Owner> {
  readonly failure?: {readonly owners: readonly Owner[]; readonly failure: Failure};
  readonly facts: readonly Fact[];
}

/** As whom something is sent, and where files come from. */
export interface Sender<Owner> {
  readonly user: string | undefined;
  readonly supply: Supply;
  /** Asked for each parcel when it is about to leave. `false`: it is not sent. */
  readonly begin: (owners: readonly Owner[]) => boolean;
}

/**
 * Sends parcels in order, scripts without waiting for answers, and asks `behind` in the same round trip. After
 * a failure nothing further is sent, and the facts are asked again. Rejects where the connection is lost.
 */
export async function deliver<Owner>(
  host: KnownHost,
  sender: Sender<Owner>,
  parcels: readonly Parcel<Owner>[],
  behind: readonly FactQuery[],
): Promise<Delivered<Owner>> {
  const asked = () => ask(behind, host.session, sender.user);
  if (parcels.length === 0) return {facts: await asked()};
  const special = parcels.find(({content}) => !isScript(content));
  if (!special) return deliverScripts(host, sender, parcels, behind);
  const {owners} = special;
  const at = parcels.indexOf(special);
  const before = await deliver(host, sender, parcels.slice(0, at), []);
  if (before.failure) return {...before, facts: await asked()};
  const failure = sender.begin(owners) ? await deliverSpecial(host, sender, special) : undefined;
  if (failure) return {failure: {owners, failure}, facts: await asked()};
  return deliver(host, sender, parcels.slice(at + 1), behind);
}

async function deliverScripts<Owner>(
  host: KnownHost,
  {user, begin}: Sender<Owner>,
  parcels: readonly Parcel<Owner>[],
  behind: readonly FactQuery[],
): Promise<Delivered<Owner>> {
  const shell = await host.session.shell(user);
  const sent = parcels.map(({owners, content, timeoutMs}) => {
    const options = {onFailure: 'skip-rest', timeoutMs, begin: () => begin(owners)} as const;
    return shell.send(content as Script, options); // Nothing else is left here.
  });
  const [facts, ...results] = await Promise.allSettled([ask(behind, host.session, user), ...sent]);
  const failure = firstFailure(parcels, results);
  if (failure) {
    if (failure.failure.reason !== 'timed-out') shell.resume();
    return {failure, facts: await ask(behind, host.session, user)};
  }
  if (facts.status === 'rejected') throw facts.reason;
  return {facts: facts.value};
}

function firstFailure<Owner>(
  chunk: readonly Parcel<Owner>[],
  results: readonly PromiseSettledResult<StepResult | 'skipped'>[],
): Delivered<Owner>['failure'] {
  for (const [index, result] of results.entries()) {
    const {owners, content, timeoutMs} = chunk[index] as Parcel<Owner>; // One result for each parcel.
    const command = display(content);
    if (result.status === 'rejected') {
      if (!isTransportError(result.reason) || result.reason.reason !== 'timed-out') throw result.reason;
      return {owners, failure: {reason: 'timed-out', command, afterMs: timeoutMs}};
    }
    const failure = result.value === 'skipped' ? undefined : failureOf(command, result.value);
    if (failure) return {owners, failure};
  }
  return undefined;
}

async function deliverSpecial<Owner>(
  host: KnownHost,
  sender: Sender<Owner>,
  {content, timeoutMs}: Parcel<Owner>,
): Promise<Failure | undefined> {
  if (isScript(content)) throw new Error('Internal error: a script is not special');
  const {user} = sender;
  switch (content.step) {
    case 'send':
      return sendFile(host, sender, content);
    case 'detached':
      return runJob(host, user, content, timeoutMs);
    case 'reboot':
      return rebootHost(host, user, content);
  }
}

async function sendFile<Owner>(
  host: KnownHost,
  {user, supply}: Sender<Owner>,
  file: FileSend,
): Promise<Failure | undefined> {
  try {
    const supplied = await supply.find(file);
    if (supplied) return await sendSupplied(host, user, file, supplied);
  } catch (error) {
    if (isTransportError(error)) throw error;
    return {reason: 'artifact', because: error instanceof Error ? error.message : String(error)};
  }
  if ('file' in file.from) throw new Error('Internal error: the supply has no file of the controller');
  return runApart(host, user, file, downloadFile(file, file.from.address, file.from.proxy));
}

async function sendSupplied(
  host: KnownHost,
  user: string | undefined,
  step: FileSend,
  {file, offset = 0, size}: SuppliedFile,
): Promise<Failure | undefined> {
  const range = {start: offset, ...(size === undefined ? {} : {end: offset + size - 1})};
  const input = size === 0 ? Readable.from([]) : createReadStream(file, {highWaterMark: 1 << 18, ...range});
  try {
    return failureOf(display(step), await host.session.pipe(user, receiveFile(step), input));
  } finally {
    input.destroy();
  }
}

async function runApart(
  host: KnownHost,
  user: string | undefined,
  file: FileSend,
  script: Script,
): Promise<Failure | undefined> {
  const shell = await host.session.shell(user);
  const result = await shell.send(script, {onFailure: 'go-on'});
  return result === 'skipped' ? undefined : failureOf(display(file), result);
}
