import {type BracketDefinition, defineBracket} from '../../src/brackets/define.ts';
import {NOTHING} from '../../src/model/change.ts';
import type {JsonSchema} from '../../src/model/resource.ts';
import {defineResource, type ResourceDefinition} from '../../src/resources/define.ts';

interface Stub {
  readonly kind: string;
  readonly properties: JsonSchema;
  readonly required?: readonly string[];
  readonly outputs?: JsonSchema;
  key?(spec: JsonSchema): string;
}

const schemaOf = ({properties, required = []}: Stub): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

/** A resource type that has nothing to do. */
export function resource(stub: Stub): ResourceDefinition {
  return defineResource<JsonSchema>({
    kind: stub.kind,
    summary: 'For tests.',
    schema: schemaOf(stub),
    key: (spec) => stub.key?.(spec) ?? `${stub.kind}:${JSON.stringify(spec)}`,
    facts: () => [],
    diff: () => NOTHING,
    ...(stub.outputs && {
      outputs: {schema: {type: 'object', properties: stub.outputs}, read: () => ({})},
    }),
    examples: [],
  });
}

/** A bracket type that does nothing. */
export function bracket(stub: Stub): BracketDefinition {
  return defineBracket<JsonSchema>({
    kind: stub.kind,
    summary: 'For tests.',
    schema: schemaOf(stub),
    key: () => stub.kind,
    open: () => [],
    close: () => [],
    ...(stub.outputs && {
      outputs: {schema: {type: 'object', properties: stub.outputs}, make: () => ({})},
    }),
    examples: [],
  });
}

const TEXT = {type: 'string'} as const;

export const NOTE = resource({
  kind: 'note',
  properties: {
    path: TEXT,
    text: {type: ['string', 'number', 'boolean', 'array', 'object', 'null'], 'x-secret': true},
    count: {type: 'integer'},
  },
  outputs: {digest: TEXT, size: {type: 'integer'}, nested: {type: 'object', properties: {inner: TEXT}}},
  key: ({path, ...rest}) => (typeof path === 'string' ? `path:${path}` : `note:${Object.keys(rest).join()}`),
});

export const WINDOW = bracket({kind: 'window', properties: {note: TEXT}, outputs: {token: TEXT}});
