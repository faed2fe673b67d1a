import type {Plan} from './plan.ts';
import type {FileSend} from './step.ts';

/** Something from outside that a resource brings to a host, by digest where it has one. */
export type Fetch =
  | {readonly type: 'file'; readonly sha256: string; readonly from: FileSend['from']}
  | {readonly type: 'image'; readonly name: string; readonly digest: string | undefined};

/** A file of the controller, or a part of one. */
export interface SuppliedFile {
  readonly file: string;
  readonly offset?: number;
  /** In bytes; to the end unless said. */
  readonly size?: number;
}

/** How the controller comes to have what it sends. */
export interface Supply {
  /** `undefined` where the host downloads it by itself. Rejects with what is wrong, as a sentence. */
  find(wanted: Pick<FileSend, 'sha256' | 'from'>): Promise<SuppliedFile | undefined>;
  /** The plan, with an error in the place of each change whose files will not be had. */
  review?(plan: Plan): Promise<Plan>;
}

/** What is on the controller is sent from where it is, and hosts download the rest. */
export const PLAIN_SUPPLY: Supply = {
  find: ({from}) => Promise.resolve('file' in from ? {file: from.file} : undefined),
};
