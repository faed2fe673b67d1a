import {unreachable} from '../base/unreachable.ts';
import {type CelMistake, type CelProgram, checkCel} from './cel.ts';
import type {Step} from './cel-evaluator.ts';
import type {Leaf, Tree} from './cel-tree.ts';

/** The tree with its leaves read by CEL. What is wrong with their types goes to `mistakes`. */
export function stepOf(tree: Tree, mistakes: CelMistake[]): Step {
  switch (tree.type) {
    case 'leaf':
      return {...tree, program: programOf(tree, mistakes)};
    case 'not':
      return {...tree, of: boolean(tree.of, mistakes)};
    case 'choice': {
      const [yes, no] = [stepOf(tree.yes, mistakes), stepOf(tree.no, mistakes)];
      return {...tree, test: boolean(tree.test, mistakes), yes, no};
    }
    case 'and':
    case 'or':
      return {...tree, left: boolean(tree.left, mistakes), right: boolean(tree.right, mistakes)};
    default:
      return unreachable(tree);
  }
}

/** The type of its value as far as the text tells it: `dyn` where that depends on the values. */
export function typeOf(step: Step): string {
  if (step.type === 'leaf') return step.program.type.startsWith('dyn') ? 'dyn' : step.program.type;
  if (step.type !== 'choice') return 'bool';
  const [yes, no] = [typeOf(step.yes), typeOf(step.no)];
  return yes === no ? yes : 'dyn';
}

function boolean(tree: Tree, mistakes: CelMistake[]): Step {
  const step = stepOf(tree, mistakes);
  const type = typeOf(step);
  if (type !== 'bool' && type !== 'dyn' && step.type === 'leaf')
    mistakes.push({
      problem: `True or false is expected here, and this is ${type}.`,
      from: step.from,
      to: step.to,
    });
  return step;
}

function programOf(leaf: Leaf, mistakes: CelMistake[]): CelProgram {
  const program = checkCel(leaf.text);
  if (!('problem' in program)) return program;
  mistakes.push({problem: program.problem, from: leaf.from, to: leaf.to});
  return NOTHING;
}

/** Stands where a mistake was found: what has one is never run. */
const NOTHING = checkedNothing();

function checkedNothing(): CelProgram {
  const program = checkCel('null');
  if ('problem' in program) throw new Error('Internal error: CEL does not know null');
  return {...program, type: 'dyn'};
}
