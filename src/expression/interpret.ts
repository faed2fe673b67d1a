import {Secret} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {couldFit} from '../yaml/schema-paths.ts';
import type {Evaluation} from './evaluation.ts';
import {Expressions, type Frame} from './expressions.ts';
import type {EachNode, Expression, IfNode, TemplateNode, WithNode} from './template.ts';
import {itemOf, SECRET_TEXT, TEXT, TypeOnly, UNKNOWN, WRITABLE} from './type-only.ts';
import {isMap, truthy, typeName} from './values.ts';

/** Evaluates the tree of one template. */
export class Interpreter {
  readonly #expressions: Expressions;
  #text: string[] = [];
  #secret = false;
  #isUnknown = false;

  constructor(evaluation: Evaluation) {
    this.#expressions = new Expressions(evaluation);
  }

  /** The text of all nodes; unknown where a part of it is. */
  render(nodes: readonly TemplateNode[]): string | Secret | TypeOnly {
    this.#nodes(nodes);
    if (this.#isUnknown) return new TypeOnly(this.#secret ? SECRET_TEXT : TEXT);
    const text = this.#text.join('');
    return this.#secret ? new Secret(text) : text;
  }

  /** The value of an expression, of whichever type. */
  value(expression: Expression): unknown {
    return this.#expressions.value(expression);
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
    if (value instanceof TypeOnly) this.#noteUnknown(value, at);
    else if (value instanceof Secret) {
      this.#secret = true;
      this.#text.push(value.reveal());
    } else if (typeof value === 'string') this.#text.push(value);
    else if (typeof value === 'number' || typeof value === 'boolean') this.#text.push(String(value));
    else this.#unwritable(value, at);
  }

  #noteUnknown(value: TypeOnly, at: SourceRange): void {
    this.#isUnknown = true;
    if (value.schema['x-secret'] === true) this.#secret = true;
    if (!couldFit(value.schema, WRITABLE)) this.#unwritable(value, at);
  }

  #unwritable(value: unknown, at: SourceRange): void {
    if (this.#expressions.mode === 'dry') return;
    const hint =
      value === null ? 'Say what to write instead: {{ default NAME "" }}.' : 'Use json, yaml, toml or join.';
    this.#expressions.evaluation.fail(
      'E307',
      at,
      `This is ${typeName(value)}, which has no place in a text.`,
      hint,
    );
  }

  #if({condition, yes, no}: IfNode): void {
    const value = this.value(condition);
    if (value instanceof TypeOnly) {
      this.#isUnknown = true;
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
    if (entries instanceof TypeOnly) {
      this.#isUnknown = true;
      this.#within(unknownFrame(node.names, entries), () => this.#nodes(node.body));
      this.#nodes(node.otherwise);
      return;
    }
    for (const frame of framesOf(entries, node.names)) this.#within(frame, () => this.#nodes(node.body));
    if (entries.length > 0) return this.#dry(node.otherwise);
    this.#within(unknownFrame(node.names), () => this.#dry(node.body));
    this.#nodes(node.otherwise);
  }

  #entriesOf(value: unknown, at: SourceRange): readonly (readonly [string | number, unknown])[] | TypeOnly {
    const item = value instanceof TypeOnly ? itemOf(value) : undefined;
    if (item) return item;
    if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
    if (isMap(value)) return Object.entries(value);
    if (this.#expressions.mode !== 'dry')
      this.#expressions.evaluation.fail(
        'E307',
        at,
        `"#each" goes over a list or a map, and this is ${typeName(value)}.`,
      );
    return UNKNOWN;
  }

  #with({value: expression, names, body, otherwise}: WithNode): void {
    const value = this.value(expression);
    const [name] = names;
    const named = new Map(name === undefined ? [] : [[name, value]]);
    const frame = {value, named, data: new Map()};
    if (value instanceof TypeOnly) this.#isUnknown = true;
    else if (!truthy(value)) {
      this.#within(unknownFrame(names), () => this.#dry(body));
      return this.#nodes(otherwise);
    }
    this.#within(frame, () => this.#nodes(body));
    if (value instanceof TypeOnly) this.#nodes(otherwise);
    else this.#dry(otherwise);
  }

  #within(frame: Frame, run: () => void): void {
    const outer = this.#expressions.frames;
    this.#expressions.frames = [frame, ...outer];
    run();
    this.#expressions.frames = outer;
  }

  /** What is left out is only looked through for names that nobody defined. Late passes were looked through. */
  #dry(nodes: readonly TemplateNode[]): void {
    if (this.#expressions.evaluation.late || nodes.length === 0) return;
    const [text, secret, isUnknown] = [this.#text, this.#secret, this.#isUnknown];
    const {mode} = this.#expressions;
    this.#text = [];
    this.#expressions.mode = 'dry';
    this.#nodes(nodes);
    this.#text = text;
    this.#secret = secret;
    this.#isUnknown = isUnknown;
    this.#expressions.mode = mode;
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

/** Numbers or keys stand beside the items. */
const unknownFrame = ([name, key]: readonly string[], item = UNKNOWN): Frame => ({
  value: item,
  named: new Map([
    ...(name === undefined ? [] : [[name, item] as const]),
    ...(key === undefined ? [] : [[key, UNKNOWN] as const]),
  ]),
  data: new Map(['index', 'key', 'first', 'last'].map((name) => [name, UNKNOWN])),
});
