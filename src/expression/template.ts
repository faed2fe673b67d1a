import type {SourceRange} from '../diagnostics/source.ts';

/** A template as we evaluate it: Handlebars' syntax, whitespace control applied, every place known. */
export interface Template {
  readonly body: readonly TemplateNode[];
  /** The only expression, where the text is nothing else: its value keeps its type. */
  readonly alone: Expression | undefined;
}

export type TemplateNode =
  | {readonly type: 'text'; readonly text: string}
  | {readonly type: 'value'; readonly expression: Expression}
  | IfNode
  | EachNode
  | WithNode;

export interface IfNode {
  readonly type: 'if';
  readonly condition: Expression;
  /** `#unless` has them the other way round. */
  readonly yes: readonly TemplateNode[];
  readonly no: readonly TemplateNode[];
}

export interface EachNode {
  readonly type: 'each';
  readonly list: Expression;
  /** `as |item key|` */
  readonly names: readonly string[];
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

export interface WithNode {
  readonly type: 'with';
  readonly value: Expression;
  readonly names: readonly string[];
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

export type Expression = Literal | PathExpression | Call;

export interface Literal {
  readonly type: 'literal';
  readonly value: unknown;
  readonly at: SourceRange;
}

export interface PathExpression {
  readonly type: 'path';
  /** A name, `this` (and what lies in it), `@index` and its like, or `@root`: the scope itself. */
  readonly from: 'name' | 'this' | 'data' | 'root';
  /** How many `../`. */
  readonly up: number;
  readonly parts: readonly PathPart[];
  readonly at: SourceRange;
}

/** A path in brackets, `hosts[this]`, is looked up first. */
export type PathPart = string | PathExpression;

export interface Call {
  readonly type: 'call';
  readonly helper: string;
  readonly args: readonly Expression[];
  readonly options: ReadonlyMap<string, Expression>;
  readonly at: SourceRange;
}
