import {sha256Hex} from '../base/sha256-hex.ts';
import {stat} from '../facts/stat.ts';
import {ABSENT} from '../model/answer.ts';
import {isAtLeast, isPending, NOTHING, type PendingChange, type Verdict} from '../model/change.ts';
import type {FactQuery, Facts} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {fileFacts, fileVerdict} from './regular-file.ts';
import {firstUnknown, seen} from './seen.ts';

/** A small file that a type keeps whole: root's, readable for all. No content: it must not be there. */
export interface OwnedFile {
  readonly path: string;
  readonly content: string | undefined;
}

const ATTRIBUTES = {owner: 'root', group: 'root', mode: '0644'} as const;

export const ownedFileFacts = (path: string): readonly FactQuery[] => [
  stat(path),
  ...fileFacts(path, ATTRIBUTES),
];

/** What must be done about the file. */
export function ownedFileVerdict({path, content}: OwnedFile, facts: Facts): Verdict {
  if (content === undefined) return absence(path, facts);
  return fileVerdict(
    {
      dest: path,
      attributes: ATTRIBUTES,
      sha256: sha256Hex(content),
      content: 'shown',
      put: (attributes) => ({step: 'write', path, content, ...attributes}),
    },
    facts,
  );
}

function absence(path: string, facts: Facts): Verdict {
  const closed = firstUnknown(facts, [stat(path)]);
  if (closed) return closed;
  const found = seen(facts, stat(path));
  if (found === undefined) return NOTHING;
  return {
    action: 'delete',
    details: [{attribute: path, before: found.type, after: undefined}],
    impact: 'none',
    steps: [sh`rm -f -- ${path}`],
    touches: [`path:${path}`],
    predicts: ownedFileFacts(path).map((query) => ({query, answer: ABSENT})),
    proof: 'exit-code',
  };
}

/** Several changes as one, in their order: the first tells the action, the worst the impact. */
export function together(changes: readonly PendingChange[]): PendingChange | undefined {
  const [first, ...rest] = changes;
  return first && rest.reduce(joined, first);
}

const joined = (one: PendingChange, other: PendingChange): PendingChange => ({
  action: one.action === other.action ? one.action : 'update',
  details: [...one.details, ...other.details],
  impact: isAtLeast(one.impact, other.impact) ? one.impact : other.impact,
  steps: [...one.steps, ...other.steps],
  touches:
    one.touches === 'everything' || other.touches === 'everything'
      ? 'everything'
      : [...one.touches, ...other.touches],
  predicts: [...one.predicts, ...other.predicts],
  proof: one.proof === 'facts' || other.proof === 'facts' ? 'facts' : 'exit-code',
});

/** The changes among verdicts that are all known. */
export const pendingOf = (verdicts: readonly Verdict[]): readonly PendingChange[] =>
  verdicts.filter(isPending);
