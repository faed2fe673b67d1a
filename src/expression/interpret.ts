import {Secret} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {type Evaluation, hasOwn, MISSING, type Mode, UNKNOWN} from './evaluation.ts';
import {HelperMistake} from './helper.ts';
import {HELPERS} from './helpers.ts';
import type {Call, EachNode, Expression, IfNode, PathExpression, TemplateNode, WithNode} from './template.ts';
import {hidden, holdsSecret, isMap, revealed, truthy, typeName} from './values.ts';

/** What a block put before the names of the scope. */
interface Frame {
  readonly value: unknown;
  /** `as |item key|` */
  readonly named: ReadonlyMap<string, unknown>;
  /** `@index` and its like. */
  readonly data: ReadonlyMap<string, unknown>;
}

/** Evaluates the tree of one template. */
export class Interpreter {
  readonly #evaluation: Evaluation;
  #mode: Mode = 'strict';
  /** The innermost block first. */
  #frames: readonly Frame[] = [];
  #text: string[] = [];
  #secret = false;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  /** The text of all nodes; `UNKNOWN` where a part of it is. */
  render(nodes: readonly TemplateNode[]): string | Secret {
    this.#nodes(nodes);
    const text = this.#text.join('');
    return this.#secret ? new Secret(text) : text;
  }

  #nodes(nodes: readonly TemplateNode[]): void {
    for (const node of nodes) this.#node(node);
  }

  #node(node: TemplateNode): void {
    switch (node.type) {
      case 'text':
        this.#text.push(node.text);
        return;
      case 'value':
        this.#write(this.value(node.expression), node.expression.at);
        return;
      case 'if':
        this.#if(node);
        return;
      case 'each':
        this.#each(node);
        return;
      case 'with':
        this.#with(node);
        return;
      default:
        unreachable(node);
    }
  }

  #write(value: unknown, at: SourceRange): void {
    if (value === UNKNOWN) return;
    if (value instanceof Secret) {
      this.#secret = true;
      this.#text.push(value.reveal());
    } else if (typeof value === 'string') this.#text.push(value);
    else if (typeof value === 'number' || typeof value === 'boolean') this.#text.push(String(value));
    else this.#unwritable(value, at);
  }

  #unwritable(value: unknown, at: SourceRange): void {
    if (this.#mode === 'dry') return;
    const hint =
      value === null ? 'Say what to write instead: {{ default NAME "" }}.' : 'Use json, yaml, toml or join.';
    this.#evaluation.fail('E307', at, `This is ${typeName(value)}, which has no place in a text.`, hint);
  }

  #if({condition, yes, no}: IfNode): void {
    const value = this.value(condition);
    if (value === UNKNOWN) {
      this.#nodes(yes);
      this.#nodes(no);
      return;
    }
    const [taken, left] = truthy(value) ? [yes, no] : [no, yes];
    this.#nodes(taken);
    this.#dry(left);
  }

  #each(node: EachNode): void {
    const value = this.value(node.list);
    const entries = this.#entriesOf(value, node.list.at);
    if (entries === undefined) {
      this.#within(unknownFrame(node.names), () => this.#nodes(node.body));
      this.#nodes(node.otherwise);
      return;
    }
    for (const frame of framesOf(entries, node.names)) this.#within(frame, () => this.#nodes(node.body));
    if (entries.length > 0) return this.#dry(node.otherwise);
    this.#within(unknownFrame(node.names), () => this.#dry(node.body));
    this.#nodes(node.otherwise);
  }

  #entriesOf(value: unknown, at: SourceRange): readonly (readonly [string | number, unknown])[] | undefined {
    if (value === UNKNOWN) return undefined;
    if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
    if (isMap(value)) return Object.entries(value);
    if (this.#mode !== 'dry')
      this.#evaluation.fail('E307', at, `"#each" goes over a list or a map, and this is ${typeName(value)}.`);
    return undefined;
  }

  #with({value: expression, names, body, otherwise}: WithNode): void {
    const value = this.value(expression);
    const [name] = names;
    const named = new Map(name === undefined ? [] : [[name, value]]);
    const frame = {value, named, data: new Map()};
    if (value !== UNKNOWN && !truthy(value)) {
      this.#within(unknownFrame(names), () => this.#dry(body));
      return this.#nodes(otherwise);
    }
    this.#within(frame, () => this.#nodes(body));
    if (value === UNKNOWN) this.#nodes(otherwise);
    else this.#dry(otherwise);
  }

  #within(frame: Frame, run: () => void): void {
    const outer = this.#frames;
    this.#frames = [frame, ...outer];
    run();
    this.#frames = outer;
  }

  /** What is left out is only looked through for names that nobody defined. Late passes were looked through. */
  #dry(nodes: readonly TemplateNode[]): void {
    if (this.#evaluation.late || nodes.length === 0) return;
    const {text, secret, mode} = {text: this.#text, secret: this.#secret, mode: this.#mode};
    this.#text = [];
    this.#mode = 'dry';
    this.#nodes(nodes);
    this.#text = text;
    this.#secret = secret;
    this.#mode = mode;
  }

  /** The value of an expression, of whichever type. */
  value(expression: Expression): unknown {
    const value = this.#lookUp(expression, this.#mode);
    return value === MISSING ? UNKNOWN : value;
  }

  #lookUp(expression: Expression, mode: Mode): unknown {
    switch (expression.type) {
      case 'literal':
        return expression.value;
      case 'path':
        return this.#path(expression, mode);
      case 'call':
        return this.#call(expression);
      default:
        return unreachable(expression);
    }
  }

  #path(expression: PathExpression, mode: Mode): unknown {
    const {from, up, at} = expression;
    const path = this.#pathParts(expression, mode);
    if (path === undefined) return UNKNOWN;
    if (from === 'root') return this.#evaluation.lookUp(path, at, mode);
    if (from === 'data') return this.#data(path, up, {at, mode});
    if (from === 'name') return this.#name(path, {at, mode});
    const frame = this.#frames[up];
    if (frame) return this.#evaluation.walk(frame.value, path, 0, {at, mode});
    if (up > this.#frames.length)
      return this.#evaluation.fail('E302', at, 'There are not so many blocks around this.');
    if (path.length > 0) return this.#evaluation.lookUp(path, at, mode);
    return this.#evaluation.fail('E302', at, '"this" means something only in #each and #with.');
  }

  /** Inside blocks a name is the item's first, if it has one like that; else it is the scope's. */
  #name(path: readonly string[], look: {readonly at: SourceRange; readonly mode: Mode}): unknown {
    const [name = ''] = path;
    for (const {value, named} of this.#frames) {
      if (named.has(name)) return this.#evaluation.walk(named.get(name), path, 1, look);
      if (hasOwn(value, name) && isMap(value)) return this.#evaluation.walk(value, path, 0, look);
      if (value === UNKNOWN && this.#evaluation.lookUp([name], look.at, 'optional') === MISSING)
        return UNKNOWN;
    }
    return this.#evaluation.lookUp(path, look.at, look.mode);
  }

  #data(path: readonly string[], up: number, look: {readonly at: SourceRange; readonly mode: Mode}): unknown {
    const [name = ''] = path;
    const frame = this.#frames.slice(up).find(({data}) => data.has(name));
    if (frame) return this.#evaluation.walk(frame.data.get(name), path, 1, look);
    const detail = `"@${name}" is not defined here.`;
    return this.#evaluation.fail(
      'E301',
      look.at,
      detail,
      '@index, @key, @first and @last are defined in #each.',
    );
  }

  /** Names in brackets must be known now: what they lead to is looked for before any host is asked. */
  #pathParts({parts, at}: PathExpression, mode: Mode): readonly string[] | undefined {
    const known: string[] = [];
    for (const part of parts) {
      const value = typeof part === 'string' ? part : this.value(part);
      if (value === UNKNOWN) return this.#evaluation.unknownPart(known, at, mode);
      if (typeof value !== 'string' && typeof value !== 'number') return this.#badPart(value, part);
      known.push(String(value));
    }
    return known;
  }

  #badPart(value: unknown, part: string | PathExpression): undefined {
    if (value === UNKNOWN || typeof part === 'string') return undefined;
    this.#evaluation.fail(
      'E307',
      part.at,
      `A text or a number stands between brackets, and this is ${typeName(value)}.`,
    );
    return undefined;
  }

  #call({helper, args, options, at}: Call): unknown {
    const known = HELPERS.get(helper);
    if (!known) return this.#evaluation.fail('E302', at, `There is no helper "${helper}".`);
    const values = args.map((arg, index) => this.#argument(arg, helper === 'default' && index === 0));
    const named = [...options].map(([key, value]) => [key, this.value(value)] as const);
    if (values.includes(UNKNOWN) || named.some(([, value]) => value === UNKNOWN)) return UNKNOWN;
    if (known.keepsSecrets) return this.#run(at, () => known.run(values, Object.fromEntries(named)));
    const secret = holdsSecret(values);
    const result = this.#run(at, () => known.run(values.map(revealed), Object.fromEntries(named)));
    return secret ? hidden(result) : result;
  }

  #argument(arg: Expression, optional: boolean): unknown {
    if (!optional) return this.value(arg);
    if (this.#mode === 'dry') return UNKNOWN;
    const value = this.#lookUp(arg, 'optional');
    return value === MISSING ? undefined : value;
  }

  #run(at: SourceRange, helper: () => unknown): unknown {
    try {
      return helper();
    } catch (error) {
      if (!(error instanceof HelperMistake)) throw error;
      return this.#mode === 'dry' ? UNKNOWN : this.#evaluation.fail('E302', at, error.message);
    }
  }
}

function framesOf(
  entries: readonly (readonly [string | number, unknown])[],
  [item, key]: readonly string[],
): readonly Frame[] {
  return entries.map(([at, value], index) => ({
    value,
    named: new Map([
      ...(item === undefined ? [] : [[item, value] as const]),
      ...(key === undefined ? [] : [[key, at] as const]),
    ]),
    data: new Map<string, unknown>([
      ['index', index],
      ['key', at],
      ['first', index === 0],
      ['last', index === entries.length - 1],
    ]),
  }));
}

const unknownFrame = (names: readonly string[]): Frame => ({
  value: UNKNOWN,
  named: new Map(names.map((name) => [name, UNKNOWN])),
  data: new Map(['index', 'key', 'first', 'last'].map((name) => [name, UNKNOWN])),
});
