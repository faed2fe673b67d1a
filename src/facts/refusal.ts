import type {ObjectReference} from './object-reference.ts';

/** What kubectl calls the object that an error is about; the namespace is not always told. */
interface Named {
  readonly kind: string;
  readonly name: string;
}

/** Of `kubectl apply`: values that the server refuses, and fields that its kind does not have. */
const INVALID = /([\w.-]+) "([^"]+)" is (?:invalid|forbidden)\b/;
const UNTYPED = /typed patch object \((?:[^/;]*\/)?([^;]+); [^,]*, Kind=(\w+)\)/;

/** Whether a line of kubectl says that this object was refused, and no other one. */
export function isRefusalOf({kind, name}: ObjectReference, line: string): boolean {
  const named = namedIn(line);
  if (named?.name !== name) return false;
  return [kind, pluralOf(kind)].some((each) => each.toLowerCase() === named.kind.toLowerCase());
}

function namedIn(line: string): Named | undefined {
  const [, resource = '', name = ''] = INVALID.exec(line) ?? [];
  if (name !== '') return {kind: resource.split('.', 1)[0] ?? '', name};
  const [, untyped = '', kind = ''] = UNTYPED.exec(line) ?? [];
  return untyped === '' ? undefined : {kind, name: untyped};
}

/** As the API server calls the resources of a kind, where it speaks of those. */
function pluralOf(kind: string): string {
  if (kind.endsWith('s')) return `${kind}es`;
  return kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
