import {randomBytes} from 'node:crypto';
import {dirname} from 'node:path';
import type {Script} from '../base/script.ts';
import {reveal} from '../base/secret.ts';
import {
  type Detached,
  type FileSend,
  type FileWrite,
  isScript,
  type Reboot,
  type Step,
} from '../model/step.ts';
import {writeFiles} from '../shell/write-files.ts';

/** What is sent as one step, and for whom. */
export interface Parcel<Owner> {
  readonly owners: readonly Owner[];
  readonly content: Script | SpecialStep;
  readonly timeoutMs: number;
}

/** A step that needs more than the stream of the shell. */
export type SpecialStep = FileSend | Detached | Reboot;

/** Steps with those who asked for them. */
export interface Load<Owner> {
  readonly owner: Owner;
  readonly steps: readonly Step[];
  readonly timeoutMs: number;
}

export const isSpecial = (step: Step): step is SpecialStep => !isScript(step) && step.step !== 'write';

/**
 * Neighbouring file writes into one directory travel together, up to the window of the shell. One that is checked goes
 * alone: whoever fails its check must fail nobody else.
 */
export function parcelsOf<Owner>(loads: readonly Load<Owner>[]): readonly Parcel<Owner>[] {
  const parcels: Draft<Owner>[] = [];
  for (const {owner, steps, timeoutMs} of loads) {
    for (const step of steps) {
      const last = parcels.at(-1);
      if (isScript(step) || step.step !== 'write') {
        parcels.push({owners: [owner], content: step, timeoutMs});
      } else if (last && Array.isArray(last.content) && fits(last.content, step)) {
        last.content.push(step);
        last.owners.push(owner);
      } else parcels.push({owners: [owner], content: [step], timeoutMs});
    }
  }
  return parcels.map(({content, ...rest}) => ({
    ...rest,
    content: Array.isArray(content) ? writeFiles(content, randomBytes(16).toString('hex')) : content,
  }));
}

interface Draft<Owner> {
  readonly owners: Owner[];
  readonly content: Script | SpecialStep | [FileWrite, ...FileWrite[]];
  readonly timeoutMs: number;
}

/** Enough for hundreds of small files in one archive, and little enough for the stack of every shell (yash). */
const ARCHIVE_BYTES = 1 << 19;
/** A header and what fills the last block. */
const ENTRY_BYTES = 1024;

function fits(files: readonly [FileWrite, ...FileWrite[]], next: FileWrite): boolean {
  if (next.validate || files[0].validate) return false;
  const size = files.reduce((sum, file) => sum + sizeOf(file), sizeOf(next));
  return dirname(files[0].path) === dirname(next.path) && size <= ARCHIVE_BYTES;
}

const sizeOf = ({content}: FileWrite): number => ENTRY_BYTES + Buffer.byteLength(reveal(content));
