import {isJsonObject, type Json, type JsonObject, jsonAt} from '../../base/json.ts';

/**
 * What an object has at the fields of a `fieldsV1`, and nothing else: controllers write into other fields at any
 * time, also between two looks. Items of lists stand in the order of the fields.
 */
export function atFields(value: Json | undefined, fields: JsonObject): Json | undefined {
  const below = Object.entries(fields).filter(([step]) => step !== '.');
  if (below.length === 0 || value === undefined) return value;
  if (isJsonObject(value)) {
    const kept = below.map(([step, more]) => [step.slice(2), atFields(value[step.slice(2)], fieldsIn(more))]);
    return Object.fromEntries(kept.filter(([, item]) => item !== undefined));
  }
  if (!Array.isArray(value)) return value;
  return below.flatMap(([step, more]): readonly Json[] => {
    const item = value.find((each: Json) => isMeant(each, step));
    return item === undefined ? [] : [atItem(item, step, fieldsIn(more))];
  });
}

/** With the names that tell it from the others, for people and for the comparison by name. */
function atItem(item: Json, step: string, fields: JsonObject): Json {
  const kept = atFields(item, fields);
  const name = jsonAt(item, 'name');
  return isJsonObject(kept) && typeof name === 'string' && step.startsWith('k:')
    ? {name, ...kept}
    : (kept ?? null);
}

/** `k:{"name":"x"}` means the item with these values, `v:"x"` the value itself. */
function isMeant(item: Json, step: string): boolean {
  const wanted: Json = JSON.parse(step.slice(2));
  if (!step.startsWith('k:')) return JSON.stringify(item) === JSON.stringify(wanted);
  return (
    isJsonObject(wanted) && Object.entries(wanted).every(([name, value]) => jsonAt(item, name) === value)
  );
}

/** The fields of both. */
export function allFields(one: JsonObject, other: JsonObject): JsonObject {
  const steps = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    steps.map((step) => [step, allFields(fieldsIn(one[step]), fieldsIn(other[step]))]),
  );
}

const fieldsIn = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
