import {type ASTNode, serialize} from '@marcbachmann/cel-js';
import {unreachable} from '../base/unreachable.ts';

/** A path into the scope, taken out of an expression: `hosts[name].vars.ip`. */
export interface Chain {
  readonly parts: readonly (string | Chain)[];
  readonly from: number;
  readonly to: number;
  /** Of `has(…)` only whether it is there. */
  readonly asks: 'value' | 'presence';
}

/** An expression of which the parts that decide early stand apart. */
export type Tree =
  | {readonly type: 'and' | 'or'; readonly left: Tree; readonly right: Tree}
  | {readonly type: 'not'; readonly of: Tree; readonly from: number; readonly to: number}
  | {readonly type: 'choice'; readonly test: Tree; readonly yes: Tree; readonly no: Tree}
  | Leaf;

/** What the evaluator of CEL gets: its text, in which `_v0`, `_v1`, … stand for the chains. */
export interface Leaf {
  readonly type: 'leaf';
  readonly text: string;
  readonly chains: readonly Chain[];
  readonly from: number;
  readonly to: number;
}

/** Something that CEL allows and we do not. */
export interface Banned {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export function treeOf(node: ASTNode): Tree {
  if (node.op === '&&' || node.op === '||') {
    const [left, right] = node.args;
    return {type: node.op === '&&' ? 'and' : 'or', left: treeOf(left), right: treeOf(right)};
  }
  if (node.op === '!_') return {type: 'not', of: treeOf(node.args), from: node.start, to: node.end};
  if (node.op === '?:') {
    const [test, yes, no] = node.args;
    return {type: 'choice', test: treeOf(test), yes: treeOf(yes), no: treeOf(no)};
  }
  return new LeafBuilder().leaf(node);
}

/** Names of types and of functions' homes. `list`, `map` and `type` may be variables: `type([])` tells the same. */
const CELS_OWN = new Set('bool int uint double string bytes null_type dyn cel google optional'.split(' '));

/** Macros whose first argument is a name for what stands in their other ones. */
const BINDING = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

/** A regular expression of a user can run for ever. */
const BANNED = new Set(['matches']);

/** All uses of what we do not allow. */
export function bannedIn(node: ASTNode): readonly Banned[] {
  const own =
    (node.op === 'call' || node.op === 'rcall') && BANNED.has(node.args[0])
      ? [{name: node.args[0], from: node.start, to: node.end}]
      : [];
  return [...own, ...childrenOf(node).flatMap(bannedIn)];
}

class LeafBuilder {
  readonly #chains: Chain[] = [];

  leaf(node: ASTNode): Leaf {
    const text = serialize(this.#replaced(node, new Set()));
    return {type: 'leaf', text, chains: this.#chains, from: node.start, to: node.end};
  }

  #replaced(node: ASTNode, bound: ReadonlySet<string>): ASTNode {
    const chain = presenceOf(node, bound) ?? chainOf(node, bound);
    if (chain) return this.#variable(chain, node);
    if (node.op === 'rcall' && BINDING.has(node.args[0])) return this.#macro(node, bound);
    return withChildren(node, (child) => this.#replaced(child, bound));
  }

  #variable(chain: Chain, node: ASTNode): ASTNode {
    this.#chains.push(chain);
    return made(node, 'id', `_v${this.#chains.length - 1}`);
  }

  #macro(node: ASTNode & {readonly op: 'rcall'}, bound: ReadonlySet<string>): ASTNode {
    const [name, receiver, args] = node.args;
    const [variable, ...rest] = args;
    if (variable?.op !== 'id') return node;
    const inner = new Set([...bound, variable.args]);
    const over = this.#replaced(receiver, bound);
    const values = rest.map((arg) => this.#replaced(arg, inner));
    return made(node, 'rcall', [name, over, [variable, ...values]]);
  }
}

/** `has(a.b.c)`, where `a` is a name of the scope. */
function presenceOf(node: ASTNode, bound: ReadonlySet<string>): Chain | undefined {
  if (node.op !== 'call' || node.args[0] !== 'has') return undefined;
  const [asked] = node.args[1];
  const chain = asked && chainOf(asked, bound);
  return chain && {...chain, asks: 'presence'};
}

/** The longest path that begins with a name of the scope; `undefined` for anything else. */
function chainOf(node: ASTNode, bound: ReadonlySet<string>): Chain | undefined {
  const parts = partsOf(node, bound);
  return parts && {parts, from: node.start, to: node.end, asks: 'value'};
}

function partsOf(node: ASTNode, bound: ReadonlySet<string>): readonly (string | Chain)[] | undefined {
  if (node.op === 'id') return bound.has(node.args) || CELS_OWN.has(node.args) ? undefined : [node.args];
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [owner, last] = node.args;
  const before = partsOf(owner, bound);
  const part = typeof last === 'string' ? last : indexOf(last, bound);
  return before && part !== undefined ? [...before, part] : undefined;
}

function indexOf(node: ASTNode, bound: ReadonlySet<string>): string | Chain | undefined {
  if (node.op !== 'value') return chainOf(node, bound);
  const fits = typeof node.args === 'string' || (typeof node.args === 'bigint' && node.args >= 0n);
  return fits ? String(node.args) : undefined;
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  const children: ASTNode[] = [];
  withChildren(node, (child) => {
    children.push(child);
    return child;
  });
  return children;
}

/** A copy of a node with other children. */
function withChildren(node: ASTNode, change: (child: ASTNode) => ASTNode): ASTNode {
  const {op} = node;
  if (op === 'value' || op === 'id') return node;
  if (op === '.' || op === '.?') return made(node, op, [change(node.args[0]), node.args[1]]);
  if (op === 'call') return made(node, op, [node.args[0], node.args[1].map(change)]);
  if (op === 'rcall') return made(node, op, [node.args[0], change(node.args[1]), node.args[2].map(change)]);
  if (op === 'map')
    return made(
      node,
      op,
      node.args.map(([key, value]) => [change(key), change(value)]),
    );
  if (op === '!_' || op === '-_') return made(node, op, change(node.args));
  return made(node, op, node.args.map(change));
}

/** The library has no constructor for nodes; `serialize` reads these two members. */
const made = (node: ASTNode, op: string, args: unknown): ASTNode =>
  Object.assign(Object.create(Object.getPrototypeOf(node)), {op, args});

/** The names of the scope with which its paths begin. */
export function rootsOf(tree: Tree): readonly string[] {
  return [...new Set(chainsOf(tree).flatMap(rootsOfChain))];
}

function chainsOf(tree: Tree): readonly Chain[] {
  switch (tree.type) {
    case 'leaf':
      return tree.chains;
    case 'not':
      return chainsOf(tree.of);
    case 'choice':
      return [tree.test, tree.yes, tree.no].flatMap(chainsOf);
    case 'and':
    case 'or':
      return [tree.left, tree.right].flatMap(chainsOf);
    default:
      return unreachable(tree);
  }
}

function rootsOfChain({parts: [root, ...rest]}: Chain): readonly string[] {
  const own = typeof root === 'string' ? [root] : [];
  return [...own, ...rest.flatMap((part) => (typeof part === 'string' ? [] : rootsOfChain(part)))];
}
