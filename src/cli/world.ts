import type {Write} from '../report/reporter.ts';

/** Where text goes. */
export interface Output {
  readonly write: Write;
  readonly isTTY: boolean;
  readonly size: () => {readonly columns: number; readonly rows: number};
}

/** All that commands see of the machine that they are typed on, so that a test can be that machine. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Output;
  readonly err: Output;
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
  /** One line, typed by a person. `undefined` where the input ended instead. */
  ask(question: string): Promise<string | undefined>;
  /** The same without showing what is typed. */
  askSecret(question: string): Promise<string | undefined>;
  /** Called at each Ctrl-C or SIGTERM, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
}
