import {createHmac, randomBytes} from 'node:crypto';
import {gunzipSync} from 'node:zlib';
import {groupedBy} from '../base/grouped.ts';
import {isJsonObject, type Json, type JsonObject, jsonAt} from '../base/json.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {ADMIN, kubectl, PROGRAM_PATH} from './kubectl.ts';
import {bare, listOf, managerOf, nameOf, referenceOf, subjectOf} from './object-reference.ts';
import {recordsOf} from './records.ts';

/** Where the cluster is, and whose fields count as ours. */
export interface ClusterAccess {
  /** On the host that is asked. */
  readonly kubeconfig: string;
  readonly manager: string;
}

/** An object as the API server has it. */
export interface KubernetesObject {
  /** Without its status and what the server notes for itself. The data of a Secret is told by marks alone. */
  readonly live: JsonObject;
  /** The fields that we applied, as `managedFields` has them. */
  readonly owned: JsonObject;
  /** What would be there once the wanted fields were applied; left out where none were asked about. */
  readonly tried?: Tried;
}

/** What the API server says about fields that it was shown and did not store. */
export type Tried =
  | {readonly live: JsonObject; readonly owned: JsonObject}
  /** Why they were not told of: mostly, it would refuse them. */
  | {readonly refused: string};

interface Asked extends ClusterAccess {
  readonly object: JsonObject;
}

/** A text that tells two secrets apart within this process, and nothing else about them. */
export const markOf = (secret: string): string =>
  `secret:${createHmac('sha256', MARK_KEY).update(secret).digest('hex').slice(0, 32)}`;

const MARK_KEY = randomBytes(32);

const kind: FactKind<KubernetesObject> = {
  name: 'kubernetes_object',
  summary:
    'An object of the cluster: `live`, `owned` (the fields that we applied) and `tried` (what applying would make of it). ' +
    'Key: `apiVersion kind namespace name`, or JSON of `kubeconfig`, `manager` and `object`.',
  program(keys) {
    return lines([PROGRAM, ...groupsOf(keys).map(({access, asked}) => questions(access, asked))]);
  },
  parse(output, keys) {
    const records = recordsOf(output);
    const found = groupsOf(keys).map(({asked}, index) => {
      const [got, tried, single] = [0, 2, 4].map((at) => pairAt(records, 6 * index + at));
      const seen: Seen = {
        got: got && sectionOf(got),
        tried: tried && sectionOf(tried),
        single: singlesOf(single, asked),
      };
      return asked.map((each): [string, Answer<KubernetesObject>] => [each.key, answerOf(each, seen)]);
    });
    const answers = new Map(found.flat());
    return keys.map((key) => answers.get(key) ?? SILENT);
  },
};

const SILENT = unknown('kubectl gave no answer');

const ASK = kubectl({wire: '"$kubeconfig"', display: '"$kubeconfig"'}, 20);

/**
 * Two runs of kubectl, however many objects: one reads, the other shows the wanted fields to the server. What is
 * printed may be long: it travels compressed, and errors behind it. Where the server refuses one of many, kubectl
 * prints nothing of the others: then they are shown one by one.
 */
const PROGRAM = sh`ask() { ${PROGRAM_PATH} ${ASK} "$@" --show-managed-fields -o json -f -; }
show() { ask apply --server-side --dry-run=server --force-conflicts --validate=false --field-manager "$manager"; }
packed() { gzip -c | base64 | tr -d '\\n' >&3; }
told() { printf '\\0%s\\0' "$errors"; }
read_all() { errors=$({ printf '%s' "$1" | ask get --ignore-not-found | packed; } 2>&1); told; } 3>&1
show_all() { errors=$({ printf '%s' "$1" | show | packed; } 2>&1); told; } 3>&1
show_each() {
  errors=$({ for object; do printf '%s' "$object" | show; printf '\\036'; printf '\\036' >&2; done | packed; } 2>&1)
  told
} 3>&1
try() {
  items=
  for object; do items=\${items:+$items,}$object; done
  show_all "{\\"apiVersion\\": \\"v1\\", \\"kind\\": \\"List\\", \\"items\\": [$items]}"
  case "$# $errors" in
    '1 '*) printf '\\0\\0' ;;
    *'rror from server'* | *' is invalid'* | *' is forbidden'* | *'no matches for kind'*) show_each "$@" ;;
    *) printf '\\0\\0' ;;
  esac
}`;

interface Group {
  readonly access: ClusterAccess;
  readonly asked: readonly KeyedObject[];
}

interface KeyedObject extends Asked {
  readonly key: string;
}

function groupsOf(keys: readonly string[]): readonly Group[] {
  const all = keys.map((key) => ({key, ...(JSON.parse(key) as Asked)})); // We made the key.
  return [...groupedBy(all, ({kubeconfig, manager}) => JSON.stringify([kubeconfig, manager])).values()].map(
    (asked) => ({
      access: {kubeconfig: asked[0]?.kubeconfig ?? '', manager: asked[0]?.manager ?? ''},
      asked,
    }),
  );
}

function questions({kubeconfig, manager}: ClusterAccess, asked: readonly KeyedObject[]) {
  const objects = asked.map(({object}) => object);
  const wanted = objects.filter(hasFields).map((object) => JSON.stringify(object));
  return sh`kubeconfig=${kubeconfig} manager=${manager}
read_all ${listOf(objects.map(identityOf))}
${wanted.length > 0 ? sh`try ${wanted}` : sh`printf '\\0\\0\\0\\0'`}`;
}

const identityOf = (object: JsonObject): JsonObject => bare(referenceOf(object));

const hasFields = (object: JsonObject): boolean =>
  JSON.stringify(object) !== JSON.stringify(identityOf(object));

interface Section {
  readonly objects: ReadonlyMap<string, JsonObject>;
  readonly errors: readonly string[];
}

/** What kubectl printed, and its errors. */
type Printed = readonly [text: string, errors: string];

/** `undefined` where the program told nothing any more. */
function pairAt(records: readonly string[], at: number): Printed | undefined {
  const [encoded, errors] = [records[at], records[at + 1]];
  if (encoded === undefined || errors === undefined) return undefined;
  return [encoded === '' ? '' : gunzipSync(Buffer.from(encoded, 'base64')).toString('utf8'), errors];
}

function sectionOf([text, errors]: Printed): Section {
  const read: Json = text.trim() === '' ? null : JSON.parse(text);
  const items = jsonAt(read, 'items');
  const all = Array.isArray(items) ? items : [read];
  const objects = all.filter(isJsonObject).map((each): [string, JsonObject] => [idOfObject(each), each]);
  const said = errors.split('\n').filter((line) => line !== '' && !line.startsWith('Warning:'));
  return {objects: new Map(objects), errors: said};
}

/** What was shown one by one, by key: each with what was printed and said of it alone. */
function singlesOf(
  printed: Printed | undefined,
  asked: readonly KeyedObject[],
): ReadonlyMap<string, Section> {
  const [texts = [], errors = []] = (printed ?? []).map((part) => part.split('\u001e').slice(0, -1));
  const shown = asked.filter(({object}) => hasFields(object)).slice(0, texts.length);
  return new Map(shown.map(({key}, at) => [key, sectionOf([texts[at] ?? '', errors[at] ?? ''])]));
}

/** All that one group was told. */
interface Seen {
  readonly got: Section | undefined;
  readonly tried: Section | undefined;
  readonly single: ReadonlyMap<string, Section>;
}

const idOfObject = (object: JsonObject): string => nameOf(referenceOf(object));

/** An object by its name alone, or with the fields that are wanted: then the server is asked what they would do. */
export const kubernetesObject = (
  {kubeconfig, manager}: ClusterAccess,
  object: JsonObject,
): FactQuery<KubernetesObject> => ({
  kind,
  key: JSON.stringify({kubeconfig, manager, object}),
  subject: subjectOf(referenceOf(object)),
});

/** By its key, or in short `apiVersion kind namespace name`, as people ask for it; `-` for no namespace. */
export function kubernetesObjectOf(key: string): FactQuery<KubernetesObject> {
  if (!key.startsWith('{')) return shortQuery(key);
  const wanted = jsonAt(JSON.parse(key) as Json, 'object'); // It fails for what is no JSON.
  return {kind, key, subject: subjectOf(referenceOf(isJsonObject(wanted) ? wanted : {}))};
}

function shortQuery(key: string): FactQuery<KubernetesObject> {
  const [apiVersion = '', named = '', namespace = '-', name = ''] = key.split(' ');
  const reference = {apiVersion, kind: named, namespace: namespace === '-' ? '' : namespace, name};
  return kubernetesObject({kubeconfig: ADMIN, manager: managerOf(reference)}, bare(reference));
}

function answerOf(asked: KeyedObject, seenOf: Seen): Answer<KubernetesObject> {
  const {object, manager, key} = asked;
  const {got, tried, single} = seenOf;
  if (!got) return SILENT;
  const found = got.objects.get(idOfObject(object));
  if (!found) return isAbsent(got) ? ABSENT : unknown(got.errors.join('; '));
  const seen = {live: cleaned(found), owned: ownedIn(found, manager)};
  return known(hasFields(object) ? {...seen, tried: triedOf(asked, single.get(key) ?? tried)} : seen);
}

/** A kind that is not known, as that of a resource definition to come, has no objects. */
const isAbsent = ({errors}: Section): boolean =>
  errors.every((line) => /no matches for kind|ensure CRDs are installed first/.test(line));

function triedOf({object, manager}: KeyedObject, tried: Section | undefined): Tried {
  const shown = tried?.objects.get(idOfObject(object));
  if (shown) return {live: cleaned(shown), owned: ownedIn(shown, manager)};
  return {refused: tried?.errors.join('; ') ?? 'kubectl gave no answer'};
}

const NOISE = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'];
/** Where `kubectl apply` keeps all that it was given, secrets too. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function cleaned({status: _status, ...object}: JsonObject): JsonObject {
  const {metadata} = object;
  const kept = {...object, metadata: without(isJsonObject(metadata) ? metadata : {}, NOISE)};
  if (object['kind'] !== 'Secret') return kept;
  const annotations = jsonAt(kept.metadata, 'annotations');
  const marked = Object.entries(Object(object['data'])).map(([name, value]) => [name, markOf(String(value))]);
  const metadataOfSecret = isJsonObject(annotations)
    ? {...kept.metadata, annotations: without(annotations, [LAST_APPLIED])}
    : kept.metadata;
  return {...kept, metadata: metadataOfSecret, data: Object.fromEntries(marked)};
}

const without = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

function ownedIn(found: JsonObject, manager: string): JsonObject {
  const entries = jsonAt(found, 'metadata', 'managedFields');
  const ours = (Array.isArray(entries) ? entries : []).find(
    (each) =>
      jsonAt(each, 'manager') === manager &&
      jsonAt(each, 'operation') === 'Apply' &&
      jsonAt(each, 'subresource') === undefined,
  );
  const fields = jsonAt(ours, 'fieldsV1');
  return isJsonObject(fields) ? fields : {};
}
