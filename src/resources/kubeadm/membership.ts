import {certificate} from '../../facts/certificate.ts';
import {stat} from '../../facts/stat.ts';
import type {ChangeDetail} from '../../model/change.ts';
import type {FactQuery, Facts} from '../../model/fact.ts';
import {seen} from '../seen.ts';
import {PLACES} from './places.ts';

export type Part = 'control-plane' | 'worker';

/** All that tells whether a host is a member. */
export const membershipFacts = (part: Part): readonly FactQuery[] => [
  stat(PLACES.unfinished),
  ...placesOf(part).map(stat),
  certificate(PLACES.authority),
];

const placesOf = (part: Part): readonly string[] =>
  part === 'worker' ? [PLACES.kubelet] : [PLACES.kubelet, PLACES.admin, PLACES.apiServer];

/** How far a host got. `foreign`: some of it is there, and it is not what a run of ours left. */
export type Membership = 'none' | 'unfinished' | 'foreign' | 'member';

export function membershipOf(part: Part, facts: Facts): Membership {
  if (seen(facts, stat(PLACES.unfinished))) return 'unfinished';
  const there = placesOf(part).filter((path) => seen(facts, stat(path)));
  if (there.length === placesOf(part).length && seen(facts, certificate(PLACES.authority))) return 'member';
  return there.length > 0 ? 'foreign' : 'none';
}

export const FOREIGN =
  'it has a part of a cluster that no run of ours began: `kubeadm reset` on it removes that';

/** For people. */
export const memberDetail = (membership: Membership, after: string): ChangeDetail => ({
  attribute: 'member',
  before: membership === 'unfinished' ? 'half of it: begins again' : undefined,
  after,
});
