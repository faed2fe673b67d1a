import type {Role} from '../../src/catalog/nouns.ts';
import {isObject, type Schema} from '../../src/yaml/inline.ts';
import {defaultOf, wordsOf} from './role-manual.ts';

/** All variables of these roles: one section for each role that has any, each variable once. */
export function variableManual(roles: readonly Role[]): string {
  const sections = roles.map((role) => {
    const properties = [...(role.variables?.properties ?? [])];
    const rows = properties.flatMap(([name, schema]) => {
      const [owner, ...others] = describing(name, roles);
      return owner === role ? [rowOf(role, name, schema, others)] : [];
    });
    return rows.length === 0 ? '' : sectionOf(role, rows);
  });
  return sections.filter((section) => section !== '').join('\n');
}

const sectionOf = ({name, summary}: Role, rows: readonly string[]): string =>
  [
    `## [\`${name}\`](../roles/${name}/README.md)`,
    '',
    summary,
    '',
    '| Variable | Type | Default | Meaning | Also read by |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');

function rowOf(role: Role, name: string, schema: Schema, others: readonly Role[]): string {
  const fallback = defaultOf(role, name, `[see there](../roles/${role.name}/defaults.yaml)`);
  const also = others.map((other) => `\`${other.name}\`${otherDefault(other, name, fallback)}`).join(', ');
  return `| \`${name}\` | ${typeOf(schema)} | ${fallback} | ${wordsOf(schema)} | ${also} |`;
}

/** A role reads its own default where it has one. */
function otherDefault(other: Role, name: string, fallback: string): string {
  const own = defaultOf(other, name, `[see there](../roles/${other.name}/defaults.yaml)`);
  return own === '' || own === fallback ? '' : ` (its own default: ${own})`;
}

/** Who describes a variable. First the role that most others build on, of those that have a default for it. */
function describing(name: string, roles: readonly Role[]): readonly Role[] {
  const weightOf = (role: Role): number =>
    (role.defaults.has(name) ? roles.length : 0) + dependantsOf(role, roles);
  return roles
    .filter(({variables}) => variables?.properties.has(name) === true)
    .toSorted((a, b) => weightOf(b) - weightOf(a));
}

/** The role that a variable belongs to; `undefined` where none reads it. */
export const ownerOf = (name: string, roles: readonly Role[]): Role | undefined => describing(name, roles)[0];

const dependantsOf = ({name}: Role, roles: readonly Role[]): number =>
  roles.filter(({needs}) => needs.some((need) => need.name === name)).length;

/** "string", "one of `a`, `b`", "list of {name, value}": enough to write one down. */
function typeOf(schema: Schema): string {
  const {type, enum: values, const: only, items, properties, additionalProperties} = schema;
  if (only !== undefined) return code(only);
  if (Array.isArray(values)) return values.map(code).join(', ');
  if (type === 'array') return isObject(items) ? `list of ${typeOf(items)}` : 'list';
  if (isObject(properties) && Object.keys(properties).length > 0)
    return `{${Object.keys(properties).join(', ')}}`;
  if (type === 'object')
    return isObject(additionalProperties) ? `map of ${typeOf(additionalProperties)}` : 'map';
  const secret = schema['x-secret'] === true ? ', secret' : '';
  return `${namesOf(schema)}${secret}`;
}

function namesOf({type, anyOf, oneOf}: Schema): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.join(' or ');
  const choices = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : [];
  const names = choices.filter(isObject).map(typeOf);
  return names.length === 0 ? 'any' : [...new Set(names)].join(' or ');
}

const code = (value: unknown): string => `\`${String(value).replaceAll('|', '\\|')}\``;
