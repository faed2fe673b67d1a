import {isObject, type Schema} from '../yaml/inline.ts';
import {typesOf} from '../yaml/schema-paths.ts';

/** The type that CEL has for the values of a schema: `dyn` where there are several. */
export function celTypeOf(schema: Schema): string {
  const [type = '', ...others] = typesOf(schema) ?? [];
  if (others.length > 0) return 'dyn';
  if (type === 'array') return `list<${isObject(schema['items']) ? celTypeOf(schema['items']) : 'dyn'}>`;
  return CEL_TYPES.get(type) ?? 'dyn';
}

/** `number` is one of two types, and `null` is compared with all of them. */
const CEL_TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['integer', 'int'],
  ['boolean', 'bool'],
  ['object', 'map<string, dyn>'],
]);

/** What is known of a value by its type in CEL. */
export function schemaOfCel(type: string): Schema {
  const [outer = ''] = type.replace(/^dyn<(.*)>$/, '$1').split('<');
  const json = JSON_TYPES.get(outer);
  return json === undefined ? {} : {type: json};
}

const JSON_TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['int', 'integer'],
  ['uint', 'integer'],
  ['double', 'number'],
  ['bool', 'boolean'],
  ['list', 'array'],
  ['map', 'object'],
]);
