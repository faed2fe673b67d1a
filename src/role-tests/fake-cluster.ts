import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {nameOf, referenceOf} from '../facts/object-reference.ts';
import {type Answer, known} from '../model/answer.ts';
import type {FactQuery} from '../model/fact.ts';
import type {TaskNode} from '../model/graph.ts';
import type {Resource} from '../model/resource.ts';
import {declaredTaints, ownFields} from '../resources/kubernetes-node/declared.ts';
import {idOfTaint} from '../resources/kubernetes-node/taints.ts';
import {recordOf, recordReference} from '../resources/kubernetes-object/record.ts';

/** The objects that a run has applied, or that kubeadm has made for it. The API server of this cluster adds nothing to them and refuses none. */
export class FakeCluster {
  readonly #objects = new Map<string, JsonObject>();

  learn({kind, spec}: TaskNode, {facts}: Resource): void {
    const asked = facts.map(objectIn).filter((object) => object !== undefined);
    if (kind === 'kubeadm_phase') this.#add(asked);
    if (kind === 'kubernetes_node') this.#add(asked.map((object) => nodeFrom(object, spec())));
    const given = kind === 'kubernetes_object' ? spec() : null;
    if (!isJsonObject(given) || typeof given['set'] !== 'string') return;
    const record = nameOf(recordReference(given['set']));
    const members = asked.filter((object) => nameOf(referenceOf(object)) !== record);
    for (const object of asked) this.#objects.delete(nameOf(referenceOf(object)));
    if (given['state'] === 'absent') return;
    this.#add(members);
    this.#objects.set(record, recordOf(given['set'], members.map(referenceOf)).applied);
  }

  #add(objects: readonly JsonObject[]): void {
    for (const object of objects) this.#objects.set(nameOf(referenceOf(object)), object);
  }

  answer(query: FactQuery): Answer<unknown> | undefined {
    const wanted = objectIn(query);
    const live = wanted && this.#objects.get(nameOf(referenceOf(wanted)));
    if (!wanted || !live) return undefined;
    const tried = hasFields(wanted) ? {tried: {live: wanted, owned: ownedIn(wanted)}} : {};
    // Taints of a Node are nobody's: they are one list, which many write.
    const owned = ownedIn(referenceOf(live).kind === 'Node' ? without(live, ['spec']) : live);
    return known({live, owned, ...tried});
  }
}

/** A Node as it was declared. */
function nodeFrom(object: JsonObject, declared: Json): JsonObject {
  const {taints: given, ...spec} = {labels: {}, annotations: {}, taints: [], ...Object(declared)};
  const taints = declaredTaints({taints: given});
  const fields = ownFields({...spec, name: referenceOf(object).name}, taints.map(idOfTaint));
  return {...fields, spec: {taints: taints.map((taint) => ({...taint}))}};
}

/** The object that a question is about: by its name alone, or with the fields that are wanted. */
function objectIn({kind, key}: FactQuery): JsonObject | undefined {
  if (kind.name !== 'kubernetes_object' || !key.startsWith('{')) return undefined;
  const {object}: {readonly object?: Json} = JSON.parse(key);
  return isJsonObject(object) ? object : undefined;
}

const hasFields = (object: JsonObject): boolean => Object.keys(ownedIn(object)).length > 0;

/** What names an object belongs to nobody. */
function ownedIn(object: JsonObject): JsonObject {
  const {metadata} = object;
  const more = without(isJsonObject(metadata) ? metadata : {}, ['name', 'namespace']);
  const rest = without(object, ['apiVersion', 'kind', 'metadata']);
  return fieldsOf(Object.keys(more).length > 0 ? {...rest, metadata: more} : rest);
}

const without = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** As the API server writes down whose fields these are: items of lists by their names, where they have names. */
function fieldsOf(value: Json): JsonObject {
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [`f:${key}`, fieldsOf(below)]));
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  const named = items.flatMap((item) =>
    isJsonObject(item) && typeof item['name'] === 'string' ? [{name: item['name'], item}] : [],
  );
  if (named.length !== items.length) return {};
  return Object.fromEntries(named.map(({name, item}) => [`k:${JSON.stringify({name})}`, fieldsOf(item)]));
}
