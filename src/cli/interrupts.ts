import {Cancellation} from '../execute/cancellation.ts';
import type {World} from './world.ts';

/** Runs with Ctrl-C as a request: once to start nothing new, twice to end what runs on the hosts. */
export async function withCancellation<Value>(
  world: World,
  work: (cancel: Cancellation) => Promise<Value>,
): Promise<Value> {
  const cancel = new Cancellation();
  const stop = world.onInterrupt(() => cancel.request());
  try {
    return await work(cancel);
  } finally {
    stop();
  }
}
