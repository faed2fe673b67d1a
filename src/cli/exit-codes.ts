/** What the program tells its caller. One table; docs/exit-codes.md explains each. */
export const EXIT = {
  /** Done, or nothing to do. */
  done: 0,
  /** A task failed. */
  failed: 1,
  /** A mistake in what the user wrote; no host was contacted. */
  mistake: 2,
  /** `plan --detailed-exitcode`: changes are pending. */
  pending: 3,
  /** A host was unreachable. */
  unreachable: 4,
  /** A host is locked by another run. */
  locked: 5,
  /** Ctrl-C, or no consent. */
  interrupted: 130,
} as const;
