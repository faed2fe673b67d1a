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
export interface Sender {
  readonly user: string | undefined;
  readonly supply: Supply;
}

/**
 * Sends parcels in order, scripts without waiting for answers, and asks `behind` in the same round trip. After
 * a failure nothing further is sent, and the facts are asked again. Rejects where the connection is lost.
 */
export async function deliver<Owner>(
  host: KnownHost,
  sender: Sender,
  parcels: readonly Parcel<Owner>[],
  behind: readonly FactQuery[],
): Promise<Delivered<Owner>> {
  const {user} = sender;
  const chunks = chunksOf(parcels);
  for (const [index, chunk] of chunks.entries()) {
    const isLast = index === chunks.length - 1;
    const result = await deliverChunk(host, sender, chunk, isLast ? behind : []);
    if (result.failure) return {...result, facts: await ask(behind, host.session, user)};
    if (isLast) return result;
  }
  return {facts: await ask(behind, host.session, user)};
}

/** Runs of scripts, and special steps one by one. */
function chunksOf<Owner>(parcels: readonly Parcel<Owner>[]): readonly (readonly Parcel<Owner>[])[] {
  const chunks: Parcel<Owner>[][] = [];
  for (const parcel of parcels) {
    const last = chunks.at(-1);
    const joins = last?.[0] !== undefined && isScript(last[0].content) && isScript(parcel.content);
    if (joins) last.push(parcel);
    else chunks.push([parcel]);
  }
  return chunks;
}

async function deliverChunk<Owner>(
  host: KnownHost,
  sender: Sender,
  chunk: readonly Parcel<Owner>[],
  behind: readonly FactQuery[],
): Promise<Delivered<Owner>> {
  const {user} = sender;
  const [first] = chunk;
  if (first && !isScript(first.content)) {
    const failure = await deliverSpecial(host, sender, first);
    if (failure) return {failure: {owners: first.owners, failure}, facts: []};
    return {facts: await ask(behind, host.session, user)};
  }
  const shell = await host.session.shell(user);
  const sent = chunk.map(
    ({content, timeoutMs}) => shell.send(content as Script, {onFailure: 'skip-rest', timeoutMs}), // A chunk with one script has nothing else.
  );
  const [facts, ...results] = await Promise.allSettled([ask(behind, host.session, user), ...sent]);
  const failure = firstFailure(chunk, results);
  if (failure) {
    if (failure.failure.reason !== 'timed-out') shell.resume();
    return {failure, facts: []};
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
  {user, supply}: Sender,
  {content, timeoutMs}: Parcel<Owner>,
): Promise<Failure | undefined> {
  if (isScript(content)) throw new Error('Internal error: a script is not special');
  switch (content.step) {
    case 'send':
      return sendFile(host, {user, supply}, content);
    case 'detached':
      return runJob(host, user, content, timeoutMs);
    case 'reboot':
      return rebootHost(host, user, content);
  }
}

async function sendFile(
  host: KnownHost,
  {user, supply}: Sender,
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
