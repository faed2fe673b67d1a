import {stringify} from 'yaml';
import {Secret} from '../../src/base/secret.ts';
import type {JsonSchema} from '../../src/model/resource.ts';

/** What the manual tells of a resource type; a bracket type has two lists of commands. */
export interface ManualEntry {
  readonly kind: string;
  readonly summary: string;
  readonly schema: JsonSchema;
  readonly outputs: JsonSchema | undefined;
  readonly examples: readonly ManualExample[];
}

export interface ManualExample {
  readonly title: string;
  readonly spec: object;
  /** What follows, by what it is called. */
  readonly results: Readonly<Record<string, readonly string[]>>;
}

/** One section for each entry. */
export const manualSections = (entries: Iterable<ManualEntry>): string =>
  [...entries].map(section).join('\n');

function section({kind, summary, schema, outputs, examples}: ManualEntry): string {
  const properties = table('Property', schema);
  const given = outputs ? `Outputs:\n\n${table('Output', outputs)}\n` : '';
  return `## \`${kind}\`\n\n${summary}\n\n${properties}\n${given}${examples.map((each) => exampleOf(kind, each)).join('\n')}`;
}

function table(title: string, schema: JsonSchema): string {
  const required = new Set(Object.values(Object(schema['required'])));
  const rows = Object.entries(Object(schema['properties'])).map(([name, property]) => {
    const {description, default: fallback} = Object(property);
    const initial = required.has(name)
      ? 'required'
      : fallback === undefined
        ? ''
        : code(JSON.stringify(fallback));
    return `| \`${name}\` | ${typeOf(Object(property))} | ${initial} | ${cell(String(description))} |\n`;
  });
  return `| ${title} | Type | Default | Meaning |\n|---|---|---|---|\n${rows.join('')}`;
}

function typeOf(property: Readonly<Record<string, unknown>>): string {
  const {type, enum: values, items, oneOf, anyOf} = property;
  const choices = oneOf ?? anyOf;
  if (Array.isArray(choices)) return [...new Set(choices.map((each) => typeOf(Object(each))))].join(' or ');
  if (Array.isArray(values)) return values.map((value) => code(String(value))).join(', ');
  const names = typeof type === 'string' ? type : Array.isArray(type) ? type.join(' or ') : 'any';
  const secret = property['x-secret'] === true ? ', may be secret' : '';
  return names === 'array' ? `list of ${typeOf(Object(items))}` : `${names}${secret}`;
}

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function exampleOf(kind: string, {title, spec, results}: ManualExample): string {
  const yaml = stringify({[kind]: withoutSecrets(spec)}, {lineWidth: 100}).trimEnd();
  const lists = Object.entries(results).map(([name, commands]) =>
    commands.length === 0 ? `${name}\n` : `${name}:\n\n${fenced('sh', commands.join('\n'))}`,
  );
  return `### ${title}\n\n${fenced('yaml', yaml)}\n${lists.join('\n')}`;
}

/** The fence is longer than any that is inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}\n`;
}

function withoutSecrets(value: unknown): unknown {
  if (value instanceof Secret) return '(a secret)';
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each)]));
}
