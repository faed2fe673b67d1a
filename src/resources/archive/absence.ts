import {stat} from '../../facts/stat.ts';
import {NOTHING, type Verdict} from '../../model/change.ts';
import type {Facts} from '../../model/fact.ts';
import {seen} from '../seen.ts';
import {type ArchiveSpec, askedOf, stampOf, stampSubjects} from './spec.ts';
import {removeMembers} from './unpack.ts';

/** What was unpacked goes, whatever became of the archive. */
export function absenceOf(spec: ArchiveSpec, facts: Facts): Verdict {
  const {dest} = spec;
  const stamp = stampOf(spec);
  if (!seen(facts, stat(stamp))) return NOTHING;
  const members = seen(facts, askedOf(spec))?.members ?? [];
  return {
    action: 'delete',
    details: [{attribute: 'members', before: String(members.length), after: undefined}],
    impact: 'none',
    steps: [removeMembers(dest, stamp)],
    touches: [`tree:${dest}`, ...stampSubjects(spec)],
    predicts: [],
    proof: 'facts',
  };
}
