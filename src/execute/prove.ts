import {isPending, isUnknown, type Verdict} from '../model/change.ts';
import type {Settle} from '../model/resource.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {Outlook} from '../plan/outlook.ts';
import type {RunContext} from './context.ts';
import type {ChangeMove} from './turn.ts';

/** What the facts say now of a change that was made. */
export function prove(host: KnownHost, {task, resource}: ChangeMove, run: RunContext): Verdict {
  const outlook = new Outlook();
  const view = (known: KnownHost) => outlook.view(known.host.name, known.facts(task.user));
  const peers = resource.scope === 'play' ? task.peers : [];
  const reached = peers.flatMap((peer) => run.world.get(peer) ?? []);
  const {profile} = run.world.get(task.host) ?? host;
  return resource.diff(view(host), {
    profile,
    peers: new Map(reached.map((known) => [known.host.name, view(known)])),
  });
}

/** Often enough that nobody waits for long, seldom enough that the host has time for its work. */
const POLL_MS = 250;

/** Asks again until the change is proven and has held for long enough, or the time is over. */
export async function settled(
  host: KnownHost,
  move: ChangeMove,
  settle: Settle,
  run: RunContext,
): Promise<void> {
  const {task, resource} = move;
  const deadline = Date.now() + settle.timeoutMs;
  let since: number | undefined;
  for (;;) {
    const verdict = prove(host, move, run);
    const now = Date.now();
    since = isPending(verdict) || isUnknown(verdict) ? undefined : (since ?? now);
    if (since !== undefined && now - since >= settle.steadyMs) return;
    if (now >= deadline || run.cancel.state === 'killing') return;
    const left = since === undefined ? POLL_MS : Math.min(POLL_MS, since + settle.steadyMs - now);
    await run.cancel.delay(left, 'killing');
    await host.exclusively(() => host.learn(resource.facts, task.user));
  }
}
