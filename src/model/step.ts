import type {Script} from '../base/script.ts';
import type {Text} from '../base/secret.ts';

/** What a change does on a host. A value: nothing runs until the engine sends it. */
export type Step = Script | FileWrite | FileSend | Detached | Reboot;

/** Who may read, write and own a file. */
export interface FileAttributes {
  /** Permission bits, octal, four digits. */
  readonly mode: string;
  /** A name, or a number. */
  readonly owner: string | number;
  readonly group: string | number;
}

/** How a file takes its place. */
interface Placing extends FileAttributes {
  readonly path: string;
  /** A check that must succeed before the file is put in place; it gets the path of the new file. */
  readonly validate?: (path: string | Script) => Script;
  /** Keep what was there as `<path>.<UTC time>~`. */
  readonly backup?: boolean;
}

/** A whole file, small enough to travel in the stream. Neighbours in one directory travel as one archive. */
export interface FileWrite extends Placing {
  readonly step: 'write';
  readonly content: Text;
}

/** The ways by which a host reaches addresses that begin with http and https, and what it reaches without. */
export interface Proxies {
  readonly http?: string;
  readonly https?: string;
  readonly no?: string;
}

/** A large file, by digest: the controller sends it through a channel of its own, or the host fetches it. */
export interface FileSend extends Placing {
  readonly step: 'send';
  /** SHA-256, hex. What arrives must have it before it is put in place. */
  readonly sha256: string;
  /** Where the controller finds it (`file`), or where it is downloaded: by the host, unless it says otherwise. */
  readonly from:
    | {readonly file: string}
    | {readonly address: string; readonly by?: 'controller'; readonly proxy?: Proxies};
  /** It is read once by the step behind it, and goes: it need not outlast a power cut. */
  readonly isTemporary?: true;
}

/**
 * Must not be cut in half (package managers, kubeadm): runs apart from the connection. A later run attaches to
 * it. One job of a name at a time on a host.
 */
export interface Detached {
  readonly step: 'detached';
  readonly job: string;
  readonly program: Script;
}

/** The host restarts; the engine waits until it answers with another boot id. */
export interface Reboot {
  readonly step: 'reboot';
  readonly timeoutMs: number;
}

export const isScript = (step: Step): step is Script => 'wire' in step;

/** The form of a step that may be shown. */
export function display(step: Step): string {
  if (isScript(step)) return step.display;
  switch (step.step) {
    case 'write':
      return `write ${step.path} ${step.mode} ${step.owner}:${step.group}`;
    case 'send':
      return `send ${step.path} ${step.mode} ${step.owner}:${step.group} sha256:${step.sha256}`;
    case 'detached':
      return `detached ${step.job}: ${step.program.display}`;
    case 'reboot':
      return 'reboot';
  }
}
