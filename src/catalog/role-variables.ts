import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';
import {mapOf, toJs} from '../yaml/access.ts';
import {isObject, type Schema} from '../yaml/inline.ts';
import type {YamlNode} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {checkValue, createSchemaChecker} from '../yaml/schema.ts';
import {schemaProblem} from '../yaml/validate.ts';
import type {RoleVariables} from './nouns.ts';
import {childMap, referencesOf, valueOf} from './read.ts';

/** The frame of a role's schema.json; what stands in `properties` is checked as JSON Schema. */
const FRAME: Schema = {
  type: 'object',
  additionalProperties: true,
  required: ['properties'],
  properties: {
    type: {const: 'object'},
    properties: {type: 'object', additionalProperties: {type: 'object'}},
    required: {type: 'array', items: {type: 'string'}},
  },
};
const checker = createSchemaChecker(FRAME);

/** What a role's schema.json says about the variables that it reads; `undefined` where there is none. */
export async function readVariables(path: string, problems: Problems): Promise<RoleVariables | undefined> {
  if (!existsSync(path)) return undefined;
  const source = await readSource(path, problems);
  return source && (plainly(source) ?? withPlaces(source, problems));
}

/** A file without any mistake, which is nearly every file: only for the place of one is each value's place needed. */
function plainly(source: Source): RoleVariables | undefined {
  const schema = jsonOf(source.text);
  if (!isObject(schema) || checkValue(schema, FRAME).problems.length > 0) return undefined;
  const {properties, required = []} = schema;
  const entries = Object.entries(isObject(properties) ? properties : {});
  const schemas = entries.flatMap(([name, each]) => (isSchema(each) ? [[name, each] as const] : []));
  if (schemas.length < entries.length) return undefined;
  const at = {source, from: 0, to: source.text.length};
  return {properties: new Map(schemas), required: Array.isArray(required) ? required.map(String) : [], at};
}

const isSchema = (value: unknown): value is Schema => isObject(value) && schemaProblem(value) === undefined;

/** `undefined` for what is no JSON, and where a key stands twice: the text is longer than what it says. */
function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const words = text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
    return JSON.stringify(value) === words ? value : undefined;
  } catch {
    return undefined;
  }
}

/** JSON is YAML, and so its mistakes have a place. */
function withPlaces(source: Source, problems: Problems): RoleVariables | undefined {
  const node = parseYaml(source, problems);
  if (!node || !checker.check(node, problems)) return undefined;
  const entries = [...(childMap(node, 'properties')?.entries ?? [])];
  return {
    properties: new Map(
      entries.flatMap(([name, {value}]) => {
        const schema = schemaOf(value, problems);
        return schema ? [[name, schema] as const] : [];
      }),
    ),
    required: referencesOf(valueOf(node, 'required')).map(({name}) => name),
    at: node.range,
  };
}

function schemaOf(node: YamlNode, problems: Problems): Schema | undefined {
  const schema = toJs(node);
  const problem = isObject(schema) ? schemaProblem(schema) : 'A schema is an object';
  if (problem !== undefined) problems.report('E105', {range: node.range, detail: `${problem}.`});
  return isObject(schema) && problem === undefined ? schema : undefined;
}

/** The variables of a role that no play uses. Mistakes in it are none of this run. */
export function namesIn(folder: string): readonly string[] {
  const schema = jsonOf(textOf(join(folder, 'schema.json')));
  const declared =
    isObject(schema) && isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const defaults = {file: 'defaults.yaml', text: textOf(join(folder, 'defaults.yaml'))};
  const node = parseYaml(defaults, new Problems());
  return [...declared, ...((node && mapOf(node)?.entries.keys()) ?? [])];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
