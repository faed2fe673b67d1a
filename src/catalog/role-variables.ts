import {existsSync} from 'node:fs';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {toJs} from '../yaml/access.ts';
import {isObject, type Schema} from '../yaml/inline.ts';
import type {YamlNode} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {createSchemaChecker} from '../yaml/schema.ts';
import {schemaProblem} from '../yaml/validate.ts';
import type {RoleVariables} from './nouns.ts';
import {childMap, referencesOf, valueOf} from './read.ts';

/** The frame of a role's schema.json; what stands in `properties` is checked as JSON Schema. */
const checker = createSchemaChecker({
  type: 'object',
  additionalProperties: true,
  required: ['properties'],
  properties: {
    type: {const: 'object'},
    properties: {type: 'object', additionalProperties: {type: 'object'}},
    required: {type: 'array', items: {type: 'string'}},
  },
});

/** What a role's schema.json says about the variables that it reads; `undefined` where there is none. */
export async function readVariables(path: string, problems: Problems): Promise<RoleVariables | undefined> {
  if (!existsSync(path)) return undefined;
  const source = await readSource(path, problems);
  const node = source && parseYaml(source, problems); // JSON is YAML, and so its mistakes have a place.
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
