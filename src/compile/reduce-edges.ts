import {isRedundant, type Ranked} from '../graph/reduction.ts';
import type {Draft} from './draft.ts';
import type {DraftNode} from './edge-list.ts';

/**
 * Drops edges of the written order that a longer way implies, with the same demand for success. What a person
 * wrote stays, because it is a reason that somebody may ask for.
 */
export function reduceEdges({order}: Draft): void {
  for (const node of order) {
    if (node.into.length < 2) continue;
    node.into = node.into.filter(
      ({from, because}) => because.type !== 'written-order' || !isRedundant(byPlace, from, node),
    );
  }
}

const byPlace: Ranked<DraftNode> = {
  predecessors: ({into}) => into.flatMap(({from, requires}) => (requires === 'success' ? from : [])),
  rank: ({place}) => place,
};
