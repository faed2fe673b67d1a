import type {HostProfile} from './profile.ts';

/** Thrown by what is not known before a host was reached. */
export class NotYet extends Error {}

export const notYet = (): never => {
  throw new NotYet();
};

/** The profile of no host: whoever reads it finds out that what it makes depends on the host. */
export const UNSEEN = new Proxy({}, {get: notYet, has: notYet, ownKeys: notYet}) as HostProfile; // Never read.

/** `undefined` where the work reads what is not known yet. */
export function ifKnown<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotYet) return undefined;
    throw error;
  }
}
