import Handlebars from 'handlebars';
import {didYouMean} from '../base/nearest.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {HELPERS} from './helpers.ts';
import {DYNAMIC, type Rewritten, rewriteIndexes, TemplateMistake} from './indexes.ts';
import type {Origin} from './origin.ts';
import type {Call, Expression, PathExpression, Template, TemplateNode} from './template.ts';

/** What is wrong with a template's text. */
export interface SyntaxMistake {
  readonly detail: string;
  readonly at: SourceRange;
  readonly hint?: string | undefined;
}

/**
 * Handlebars reads the text and settles the white space around blocks; the tree is evaluated by ourselves, so
 * that every value knows its stage, whether it is a Secret, and where in the file a name is undefined.
 */
export function parseTemplate(origin: Origin): Template | SyntaxMistake {
  try {
    const rewritten = rewriteIndexes(origin.text);
    const program = Handlebars.parse(rewritten.text);
    return new Reader(origin, rewritten).template(program);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error instanceof TemplateMistake
      ? {detail: error.message, at: origin.rangeOf(error.from, error.to), hint: error.hint}
      : handlebarsMistake(error, origin);
  }
}

export const isMistake = (result: Template | SyntaxMistake): result is SyntaxMistake => 'detail' in result;

/** Handlebars tells a line, and where in its last characters it stopped. */
function handlebarsMistake(error: Error, origin: Origin): SyntaxMistake {
  const line = Number(/on line (\d+)|- (\d+):/.exec(error.message)?.slice(1).find(Boolean) ?? 1);
  const start =
    origin.text
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length + (line > 1 ? 1 : 0);
  const text = origin.text.slice(start).split('\n', 1)[0] ?? '';
  const column = Math.max(0, text.indexOf('{{'));
  const isJinja = /\{\{[^}]*\|(?! *\w+ *\|)|\{%/.test(text);
  return {
    detail: `The template cannot be read: ${wordsFor(error.message)}`,
    at: origin.rangeOf(start + column, start + text.trimEnd().length),
    ...(isJinja && {
      hint: 'A helper stands before its arguments, as in {{ default name "x" }}; blocks are {{#if name}}.',
    }),
  };
}

function wordsFor(message: string): string {
  const unlike = /^(\S+) doesn't match (\S+)/.exec(message);
  if (unlike) return `the block "${unlike[1]}" is closed by "${unlike[2]}".`;
  const got = /got '(\w+)'/.exec(message)?.[1];
  if (got === 'EOF') return 'it ends inside a block or an expression.';
  if (got === 'OPEN_ENDBLOCK') return 'a block is closed that is not open.';
  return 'a name, a helper with its arguments, or a block was expected here.';
}

type Node = hbs.AST.Node;

interface Nodes {
  readonly ContentStatement: hbs.AST.ContentStatement;
  readonly CommentStatement: hbs.AST.CommentStatement;
  readonly MustacheStatement: hbs.AST.MustacheStatement;
  readonly BlockStatement: hbs.AST.BlockStatement;
  readonly PathExpression: hbs.AST.PathExpression;
  readonly SubExpression: hbs.AST.SubExpression;
  readonly StringLiteral: hbs.AST.StringLiteral;
  readonly NumberLiteral: hbs.AST.NumberLiteral;
  readonly BooleanLiteral: hbs.AST.BooleanLiteral;
  readonly NullLiteral: hbs.AST.NullLiteral;
}

/** Handlebars' own types say only that a node is one. */
const is = <Type extends keyof Nodes>(node: Node, type: Type): node is Nodes[Type] => node.type === type;

/** From Handlebars' tree to ours. */
class Reader {
  readonly #origin: Origin;
  readonly #rewritten: Rewritten;
  readonly #lines: readonly number[];

  constructor(origin: Origin, rewritten: Rewritten) {
    this.#origin = origin;
    this.#rewritten = rewritten;
    this.#lines = lineStarts(rewritten.text);
  }

  template(program: hbs.AST.Program): Template {
    const body = this.#nodes(program);
    const [first] = body;
    return {body, alone: body.length === 1 && first?.type === 'value' ? first.expression : undefined};
  }

  #nodes(program: hbs.AST.Program | undefined): readonly TemplateNode[] {
    return (program?.body ?? []).flatMap((node) => this.#node(node));
  }

  #node(node: Node): readonly TemplateNode[] {
    if (is(node, 'ContentStatement')) return node.value === '' ? [] : [{type: 'text', text: node.value}];
    if (is(node, 'CommentStatement')) return [];
    if (is(node, 'MustacheStatement')) return [{type: 'value', expression: this.#mustache(node)}];
    if (is(node, 'BlockStatement')) return [this.#block(node)];
    throw this.#mistake(node, 'Partials, decorators and raw blocks are not part of the language.');
  }

  #mustache(node: hbs.AST.MustacheStatement): Expression {
    if (!node.escaped)
      throw this.#mistake(
        node,
        'Nothing is escaped here, so "{{{" and "{{&" mean nothing more.',
        'Write "{{".',
      );
    if (node.params.length === 0 && !node.hash) return this.#expression(node.path);
    return this.#call(node);
  }

  #expression(node: Node): Expression {
    if (is(node, 'PathExpression')) return this.#path(node);
    if (is(node, 'SubExpression')) return this.#call(node);
    const at = this.#at(node);
    if (is(node, 'NullLiteral')) return {type: 'literal', value: null, at};
    if (is(node, 'StringLiteral') || is(node, 'NumberLiteral') || is(node, 'BooleanLiteral'))
      return {type: 'literal', value: node.value, at};
    throw this.#mistake(node, '"undefined" is no value.', 'Write null.');
  }

  #call(node: hbs.AST.MustacheStatement | hbs.AST.SubExpression): Call {
    const at = this.#at(node.path);
    const helper = is(node.path, 'PathExpression') ? node.path.original : '';
    const known = HELPERS.get(helper);
    if (!known)
      throw this.#mistake(node.path, `There is no helper "${helper}".`, didYouMean(helper, HELPERS.keys()));
    const args = node.params.map((param) => this.#expression(param));
    const pairs = node.hash?.pairs ?? [];
    if (args.length < known.args[0] || args.length > known.args[1])
      throw this.#mistake(node.path, `"${helper}" is used as: ${known.usage}`);
    const options = new Map(pairs.map(({key, value}) => [key, this.#expression(value)]));
    const odd = pairs.find(({key}) => !known.options?.includes(key));
    if (odd)
      throw this.#mistake(odd, `"${helper}" has no option "${odd.key}".`, `It is used as: ${known.usage}`);
    return {type: 'call', helper, args, options, at};
  }

  #path(node: hbs.AST.PathExpression): PathExpression {
    const at = this.#at(node);
    const [first, ...rest] = node.parts;
    const parts = (all: readonly string[]) => all.map((part) => this.#part(part, at));
    if (node.data && first === 'root') return {type: 'path', from: 'root', up: 0, parts: parts(rest), at};
    if (node.data) return {type: 'path', from: 'data', up: node.depth, parts: parts(node.parts), at};
    const own = node.depth > 0 || node.parts.length === 0 || /^(this|\.)/.test(node.original);
    return {type: 'path', from: own ? 'this' : 'name', up: node.depth, parts: parts(node.parts), at};
  }

  #part(part: string, at: SourceRange): string | PathExpression {
    if (!part.startsWith(DYNAMIC)) return part;
    const [first = '', ...rest] = part.slice(1).split('.');
    if (first.startsWith('@'))
      return {type: 'path', from: 'data', up: 0, parts: [first.slice(1), ...rest], at};
    if (first === 'this') return {type: 'path', from: 'this', up: 0, parts: rest, at};
    return {type: 'path', from: 'name', up: 0, parts: [first, ...rest], at};
  }

  #block(node: hbs.AST.BlockStatement): TemplateNode {
    const kind = node.path.original;
    const [param, ...more] = node.params;
    if (!BLOCKS.includes(kind))
      throw this.#mistake(
        node.path,
        `There is no block "#${kind}".`,
        'Blocks are #if, #unless, #each and #with.',
      );
    if (!param || more.length > 0 || node.hash)
      throw this.#mistake(
        node.path,
        `"#${kind}" takes one value.`,
        `Write {{#${kind} value}} … {{/${kind}}}.`,
      );
    const value = this.#expression(param);
    const body = this.#nodes(node.program);
    const otherwise = this.#nodes(node.inverse);
    if (kind === 'if') return {type: 'if', condition: value, yes: body, no: otherwise};
    if (kind === 'unless') return {type: 'if', condition: value, yes: otherwise, no: body};
    const names = node.program?.blockParams ?? [];
    return kind === 'each'
      ? {type: 'each', list: value, names, body, otherwise}
      : {type: 'with', value, names, body, otherwise};
  }

  #at(node: Node): SourceRange {
    return this.#origin.rangeOf(this.#offset(node.loc.start), this.#offset(node.loc.end));
  }

  #offset({line, column}: hbs.AST.Position): number {
    return this.#rewritten.back((this.#lines[line - 1] ?? 0) + column);
  }

  #mistake(node: Node, detail: string, hint?: string): TemplateMistake {
    return new TemplateMistake(detail, this.#offset(node.loc.start), this.#offset(node.loc.end), hint);
  }
}

const BLOCKS: readonly string[] = ['if', 'unless', 'each', 'with'];

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
