/** Something about this machine or its lab that a person can put right. */
export class LabError extends Error {
  /** What to do next, where we know. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'LabError';
    this.hint = hint;
  }
}
