import {connectBrackets} from './connect-brackets.ts';
import {connectHosts} from './connect-hosts.ts';
import {connectNeeds} from './connect-needs.ts';
import {connectWrittenOrder} from './connect-order.ts';
import {connectOutputs} from './connect-outputs.ts';
import {connectPlays} from './connect-plays.ts';
import {connectReferences} from './connect-references.ts';
import {decideConditions} from './decide-conditions.ts';
import {detectConflicts} from './detect-conflicts.ts';
import {detectCycles} from './detect-cycles.ts';
import type {Draft} from './draft.ts';
import {expandTasks} from './expand-tasks.ts';
import {ownExclusively} from './own-exclusively.ts';
import {reduceEdges} from './reduce-edges.ts';
import {renderTasks} from './render-tasks.ts';
import {resolveRoles} from './resolve-roles.ts';
import {selectHosts} from './select-hosts.ts';
import {selectTasks} from './select-tasks.ts';
import {warnOfUnknownVariables} from './unknown-variables.ts';
import {validateSpecs} from './validate-specs.ts';

/** A step from files to graph. Each adds its part to the draft. */
export interface Pass {
  readonly name: string;
  /** Why it stands where it stands. */
  readonly why: string;
  run(draft: Draft): void;
}

/** All of them, in order. Behind one that found mistakes none runs, so that no mistake is told twice. */
export const PASSES: readonly Pass[] = [
  {name: 'select hosts', why: 'everything else is done for each host', run: selectHosts},
  {
    name: 'resolve roles',
    why: 'a role brings its variables, which all conditions and templates read',
    run: resolveRoles,
  },
  {name: 'expand tasks', why: 'references can be looked up only among tasks that exist', run: expandTasks},
  {name: 'connect references', why: 'conditions and templates may read outputs', run: connectReferences},
  {
    name: 'decide conditions',
    why: 'what never runs need not be rendered, and must not conflict',
    run: decideConditions,
  },
  {name: 'render specs', why: 'their values are what all checks look at', run: renderTasks},
  {
    name: 'own exclusively',
    why: 'what others declare below a directory is known once all is rendered',
    run: ownExclusively,
  },
  {
    name: 'validate specs',
    why: 'with the last value filled in, the rest can be compared with the types',
    run: validateSpecs,
  },
  {name: 'connect written order', why: 'the order that people see comes first', run: connectWrittenOrder},
  {name: 'connect needs', why: 'it replaces that order where people say so', run: connectNeeds},
  {name: 'connect plays', why: 'where a play begins and ends follows from the two before', run: connectPlays},
  {
    name: 'connect outputs',
    why: 'they may lead anywhere, and must not look like a beginning or an end',
    run: connectOutputs,
  },
  {name: 'connect brackets', why: 'what they read has to wait as the tasks inside do', run: connectBrackets},
  {name: 'detect conflicts', why: 'it needs the keys of validated specs', run: detectConflicts},
  {name: 'detect cycles', why: 'now all edges are there; the rest needs an order', run: detectCycles},
  {name: 'reduce edges', why: 'fewer edges are easier to read, and cheaper to follow', run: reduceEdges},
  {name: 'select tasks', why: 'what may change is a question about tasks that are right', run: selectTasks},
  {
    name: 'connect hosts',
    why: 'which hosts are needed follows from the tasks and their delegates',
    run: connectHosts,
  },
  {
    name: 'warn of unknown variables',
    why: 'only now it is known which were read',
    run: warnOfUnknownVariables,
  },
];
