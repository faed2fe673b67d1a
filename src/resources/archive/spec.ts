import {sha256Hex} from '../../base/sha256-hex.ts';
import {type Unpacked, unpacked} from '../../facts/unpacked.ts';
import type {FactQuery, Subject} from '../../model/fact.ts';
import type {Proxies} from '../../model/step.ts';

/** What a user may say about an archive. */
export interface ArchiveSpec {
  readonly dest: string;
  readonly state: 'present' | 'absent';
  readonly sha256?: string;
  readonly path?: string;
  readonly src?: string;
  readonly url?: string;
  readonly download: 'host' | 'controller';
  readonly proxy: Proxies;
  readonly name: string;
  readonly strip: number;
  readonly include: readonly string[];
  readonly owner: string | number;
  readonly group: string | number;
  readonly stamps: string;
}

/** One that is to be there. */
export type PresentSpec = ArchiveSpec & {readonly sha256: string};

/** What cannot be said together, as a sentence. */
export function problemOf({state, sha256, path: kept, src, url}: ArchiveSpec): string | undefined {
  const sources = [kept, src, url].filter((each) => each !== undefined);
  if (state === 'absent') return sources.length > 0 ? 'What is to be absent comes from nowhere.' : undefined;
  if (sha256 === undefined) return 'It needs "sha256".';
  return sources.length === 1 ? undefined : 'It needs one of "path", "src" and "url".';
}

/** The directory that keeps the proof. */
export const stampOf = ({stamps, dest, name}: ArchiveSpec): string => `${stamps}/${idOf(dest, name)}`;

/** The question for what was unpacked. */
export const askedOf = (spec: ArchiveSpec): FactQuery<Unpacked> => unpacked(stampOf(spec), spec.dest);

/** Where a target's proof is, below the directory for proofs. */
export function idOf(dest: string, name: string): string {
  return sha256Hex(`${dest}\0${name}`).slice(0, 16);
}

/** The archive's digest first, for people; all that decides what is unpacked, behind it. */
export function identityOf(
  spec: Pick<PresentSpec, 'sha256' | 'strip' | 'include' | 'owner' | 'group'>,
): string {
  const {sha256, strip, include, owner, group} = spec;
  const options = sha256Hex(JSON.stringify([strip, include, owner, group]));
  return `${sha256}+${options.slice(0, 16)}`;
}

/** What is altered of the proof. */
export const stampSubjects = (spec: ArchiveSpec): readonly Subject[] => [
  `tree:${stampOf(spec)}`,
  `path:${stampOf(spec)}.archive`,
];
