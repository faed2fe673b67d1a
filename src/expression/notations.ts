import {HelperMistake} from './helper.ts';
import {isMap, typeName} from './values.ts';

/** JSON as `JSON.stringify` makes it. Keys keep their order. */
export const toJson = (value: unknown, indent: number): string =>
  JSON.stringify(value ?? null, undefined, indent);

/** YAML 1.2 in block style, read alike by readers of 1.1. */
export function toYaml(value: unknown): string {
  return yamlLines(value).join('\n');
}

function yamlLines(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => under('-', item, 'beside'));
  if (isMap(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, item]) => under(`${yamlText(key)}:`, item, 'below'));
  return [yamlScalar(value)];
}

/** Maps and lists go below their key; below a dash their first line stands beside it. */
function under(mark: string, value: unknown, place: 'beside' | 'below'): readonly string[] {
  const lines = yamlLines(value);
  const nested = lines.length > 1 || isFilled(value);
  if (!nested) return [`${mark} ${lines[0]}`];
  const indented = lines.map((line) => `  ${line}`);
  return place === 'below' ? [mark, ...indented] : [`${mark} ${lines[0]}`, ...indented.slice(1)];
}

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function yamlScalar(value: unknown): string {
  if (typeof value === 'string') return yamlText(value);
  return JSON.stringify(value ?? null);
}

/** Plain where no reader, of whichever version, takes it for something else. A JSON string is a YAML string. */
function yamlText(text: string): string {
  const plain = /^[A-Za-z_/][\w./@-]*(?: [\w./@-]+)*$/.test(text);
  const word = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i.test(text);
  const number = /^[\d_.eE+-]+$/.test(text); // Some readers of 1.1 take "e0" for one.
  return plain && !word && !number ? text : JSON.stringify(text);
}

/** A value of TOML 1.0, on one line. */
export function toToml(value: unknown): string {
  if (typeof value === 'string') return tomlText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return tomlNumber(value);
  if (Array.isArray(value)) return `[${value.map(toToml).join(', ')}]`;
  if (!isMap(value)) throw new HelperMistake(`TOML has no word for ${typeName(value)}.`);
  const pairs = Object.entries(value).map(([key, item]) => `${tomlKey(key)} = ${toToml(item)}`);
  return pairs.length === 0 ? '{}' : `{${pairs.join(', ')}}`;
}

function tomlNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new HelperMistake('This number is not finite.');
}

const tomlKey = (key: string): string => (/^[\w-]+$/.test(key) ? key : tomlText(key));

/** JSON's escapes are TOML's, but for DEL, which TOML wants escaped. */
const tomlText = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f');
