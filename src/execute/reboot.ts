import type {Failure} from '../model/outcome.ts';
import type {Reboot} from '../model/step.ts';
import {TransportError} from '../model/transport.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {sh} from '../shell/sh.ts';

/** Behind our back: the answer must reach us before the connection goes. */
const REBOOT = sh`command -v reboot >/dev/null || { echo 'there is no reboot command' >&2; exit 127; }
(trap '' HUP TERM; sleep 1; reboot) >/dev/null 2>&1 </dev/null &`;

/**
 * Restarts a host. Ends as a lost connection does: the engine connects again, sees another boot id, and proves
 * the task by its facts. A host that does not go down is a failure.
 */
export async function rebootHost(
  host: KnownHost,
  user: string | undefined,
  {timeoutMs}: Reboot,
): Promise<Failure | undefined> {
  const shell = await host.session.shell(user);
  const result = await shell.send(REBOOT, {onFailure: 'go-on', timeoutMs: 30_000});
  if (result !== 'skipped' && result.exitCode !== 0) {
    const stderr = new TextDecoder().decode(result.stderr);
    return {reason: 'command-failed', command: 'reboot', exitCode: result.exitCode, stdout: '', stderr};
  }
  const gone = await Promise.race([host.session.closed.then(() => true), expiry(timeoutMs)]);
  if (gone) throw new TransportError('lost', 'the host restarts');
  return {reason: 'timed-out', command: 'reboot', afterMs: timeoutMs};
}

const expiry = (ms: number): Promise<false> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(false), ms).unref();
  });
