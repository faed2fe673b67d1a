import type {Failure} from '../model/outcome.ts';
import {type Detached, display} from '../model/step.ts';
import {isTransportError} from '../model/transport.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {awaitJob, forgetJob, forgetLeftJobs, startJob} from '../shell/jobs.ts';
import type {Session} from '../shell/session.ts';
import {failureOf} from './failure-of.ts';

/** Runs a program apart from the connection, or attaches to it where it runs already. */
export async function runJob(
  host: KnownHost,
  user: string | undefined,
  job: Detached,
  timeoutMs: number,
): Promise<Failure | undefined> {
  const shell = await host.session.shell(user);
  const command = display(job);
  try {
    const started = await shell.send(startJob(job), {onFailure: 'go-on', timeoutMs});
    const failure = started === 'skipped' ? undefined : failureOf(command, started);
    if (failure) return failure;
    const ended = await shell.send(awaitJob(job), {onFailure: 'go-on', timeoutMs});
    await shell.send(forgetJob(job), {onFailure: 'go-on'});
    return ended === 'skipped' ? undefined : failureOf(command, ended);
  } catch (error) {
    if (!isTransportError(error) || error.reason !== 'timed-out') throw error;
    return {reason: 'timed-out', command, afterMs: timeoutMs};
  }
}

/** Deletes what ended jobs left. Only under the lock: another run may be about to read it. */
export async function forgetJobs(
  session: Session,
  user: string | undefined,
  jobs: readonly string[],
): Promise<void> {
  if (jobs.length === 0) return;
  const shell = await session.shell(user);
  await shell.send(forgetLeftJobs(jobs), {onFailure: 'go-on'});
}
