import {digest} from '../facts/digest.ts';
import {followed, type Stat, stat} from '../facts/stat.ts';
import {unknown} from '../model/answer.ts';
import {type ChangeDetail, NOTHING, type Verdict} from '../model/change.ts';
import {type Fact, type FactQuery, type Facts, fact} from '../model/fact.ts';
import type {FileAttributes, Step} from '../model/step.ts';
import {
  type Attributes,
  accountsOf,
  attributeDetails,
  attributeSteps,
  statWith,
  type WantedAttributes,
  wantedOf,
} from './attributes.ts';
import {firstUnknown, seen} from './seen.ts';

/** A regular file that is wanted: what it holds, by digest, and how it gets there. */
export interface RegularFile {
  readonly dest: string;
  readonly attributes: Required<Attributes>;
  /** SHA-256, hex. */
  readonly sha256: string;
  /** Whether nobody may see anything of the content, its digest included: a short secret is found by its digest. */
  readonly content: 'shown' | 'hidden';
  put(attributes: FileAttributes): Step;
}

/** All that `fileVerdict` reads. */
export const fileFacts = (dest: string, attributes: Attributes): readonly FactQuery[] => [
  followed(dest),
  digest(dest),
  ...accountsOf(attributes),
];

/** What must be done so that the file is there with its content and attributes. */
export function fileVerdict(file: RegularFile, facts: Facts): Verdict {
  const {dest, attributes} = file;
  const closed = firstUnknown(facts, [followed(dest), digest(dest)]);
  if (closed) return closed;
  const found = seen(facts, followed(dest));
  if (found && found.type !== 'file') return unknown(`there is a ${found.type} at ${dest}, not a file`);
  const wanted = wantedOf(attributes, facts, {bits: bitsOf(found), isDirectory: false});
  if ('reason' in wanted) return wanted;
  return verdictFor(file, found, wanted, seen(facts, digest(dest)));
}

/** A new file is made readable for all before a symbolic mode is applied to it. */
const bitsOf = (found: Stat | undefined): number => Number.parseInt(found?.mode ?? '0644', 8);

function verdictFor(
  file: RegularFile,
  found: Stat | undefined,
  wanted: WantedAttributes,
  before: string | undefined,
): Verdict {
  const {dest, attributes} = file;
  const isSame = before === file.sha256;
  const details = [
    ...(isSame ? [] : [contentDetail(file, before)]),
    ...attributeDetails(found, wanted, attributes),
  ];
  if (details.length === 0) return NOTHING;
  return {
    action: found ? 'update' : 'create',
    details,
    impact: 'none',
    steps: isSame
      ? attributeSteps([dest], found, wanted, attributes)
      : [file.put({...attributes, mode: wanted.mode ?? '0644'})],
    touches: [`path:${dest}`],
    predicts: [...predictedStat(dest, found, wanted), fact(digest(dest), file.sha256)],
    proof: 'exit-code',
  };
}

function contentDetail({content, sha256}: RegularFile, before: string | undefined): ChangeDetail {
  const shown = (value: string): string =>
    content === 'hidden' ? '(hidden)' : `sha256:${value.slice(0, 12)}`;
  return {
    attribute: 'content',
    before: before === undefined ? undefined : shown(before),
    after: shown(sha256),
  };
}

/** A new file is no link; one that was there may be reached through one. */
function predictedStat(dest: string, found: Stat | undefined, wanted: WantedAttributes): readonly Fact[] {
  const after = statWith('file', found, wanted);
  if (!after) return [];
  return [fact(followed(dest), after), ...(found ? [] : [fact(stat(dest), after)])];
}
