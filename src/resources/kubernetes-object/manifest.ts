import {isJsonObject, type Json, type JsonObject, jsonAt} from '../../base/json.ts';
import {Secret} from '../../base/secret.ts';
import {markOf} from '../../facts/kubernetes-object.ts';
import {nameOf, type ObjectReference, referenceOf} from '../../facts/object-reference.ts';
import {readDocuments} from '../../yaml/documents.ts';

/** One object as it is wanted. */
export interface Wanted {
  readonly reference: ObjectReference;
  /** `DaemonSet.apps kube-system/kube-proxy`. */
  readonly name: string;
  /** As it may be shown, and as it is compared: of a Secret the data are marks. */
  readonly shown: JsonObject;
  /** As it is applied: with the data of a Secret. */
  readonly applied: JsonObject;
}

/** Objects as people write them: one, several, or the text of a manifest. */
export type Definition = string | JsonObject | readonly JsonObject[];

/** The objects of a definition, or a sentence about what is wrong with it. */
export function wantedIn(definition: Definition): readonly Wanted[] | string {
  const values = typeof definition === 'string' ? readDocuments(definition) : [definition].flat();
  if (typeof values === 'string') return values;
  const objects = values.flatMap(itemsOf);
  const wrong = objects.map(problemOf).find((problem) => problem !== undefined);
  if (wrong !== undefined) return wrong;
  const wanted = objects.filter(isJsonObject).map(wantedOf);
  const twice = wanted.find((each, index) => wanted.findIndex(({name}) => name === each.name) !== index);
  return twice ? `${twice.name} stands twice in one set.` : wanted.toSorted((a, b) => rankOf(a) - rankOf(b));
}

const itemsOf = (value: Json): readonly Json[] => {
  const items = jsonAt(value, 'items');
  return Array.isArray(items) && jsonAt(value, 'kind') === 'List' ? items : [value];
};

function problemOf(object: Json, index: number): string | undefined {
  if (!isJsonObject(object)) return `Object ${index + 1} is no map.`;
  const {apiVersion, kind, name} = referenceOf(object);
  if (apiVersion === '' || kind === '') return `Object ${index + 1} needs \`apiVersion\` and \`kind\`.`;
  if (name === '') return `Object ${index + 1}, of kind ${kind}, needs \`metadata.name\`.`;
  if (kind !== 'Secret' && holdsSecret(object)) return `${kind} ${name}: only a Secret may hold secrets.`;
  return undefined;
}

const holdsSecret = (value: unknown): boolean =>
  value instanceof Secret ||
  (typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret));

/** What others live in comes first. */
const rankOf = ({reference: {kind}}: Wanted): number =>
  kind === 'Namespace' ? 0 : kind === 'CustomResourceDefinition' ? 1 : 2;

function wantedOf(object: JsonObject): Wanted {
  const reference = referenceOf(object);
  const name = nameOf(reference);
  if (reference.kind !== 'Secret' || reference.apiVersion !== 'v1') {
    return {reference, name, shown: object, applied: object};
  }
  const {stringData, data, ...rest} = object;
  const encoded = [
    ...Object.entries(Object(data)).map(([key, value]) => [key, textOf(value)]),
    ...Object.entries(Object(stringData)).map(([key, value]) => [key, base64(textOf(value))]),
  ];
  const marked = encoded.map(([key, value]) => [key, markOf(String(value))]);
  return {
    reference,
    name,
    shown: {type: 'Opaque', ...rest, data: Object.fromEntries(marked)},
    applied: {type: 'Opaque', ...rest, data: Object.fromEntries(encoded)},
  };
}

const textOf = (value: unknown): string => (value instanceof Secret ? value.reveal() : String(value));
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
