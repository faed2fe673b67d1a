import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {certificate, oneWay} from '../facts/certificate.ts';
import {content} from '../facts/content.ts';
import {digest} from '../facts/digest.ts';
import {stat} from '../facts/stat.ts';
import {unit, unitFile} from '../facts/unit.ts';
import {ABSENT, known} from '../model/answer.ts';
import type {PendingChange} from '../model/change.ts';
import {type Fact, fact} from '../model/fact.ts';
import type {TaskNode} from '../model/graph.ts';
import type {HostProfile} from '../model/profile.ts';
import type {Resource} from '../model/resource.ts';
import {identityOf} from '../resources/archive/spec.ts';
import {AUTHORITY, FILE} from '../resources/kubeadm/examples.ts';
import {PLACES} from '../resources/kubeadm/places.ts';

/** A task whose change was made, with what it was then. */
export interface Done {
  readonly task: TaskNode;
  readonly change: PendingChange;
  readonly resource: Resource;
  /** Of the host on which it was made. */
  readonly profile: HostProfile;
}

/**
 * What reads so behind a change that went well, and that the change itself does not promise: a unit may fail to start,
 * an image may be another one by then. Nothing of the kind happens in a test.
 */
export function likelyFacts(done: Done): readonly Fact[] {
  const spec = done.task.spec();
  return isJsonObject(spec) ? (LIKELY[done.task.kind]?.(spec, done) ?? []) : [];
}

/** The unit that a task has started. */
export function startedUnit({kind, spec}: TaskNode, resource: Resource): string | undefined {
  const given = kind === 'systemd_unit' ? spec() : null;
  return isJsonObject(given) && given['state'] === 'started' ? unitOf(resource) : undefined;
}

const unitOf = ({key}: Resource): string => key.slice('unit:'.length);

type Likely = (spec: JsonObject, done: Done) => readonly Fact[];

const LIKELY: Readonly<Record<string, Likely>> = {
  archive: unpackedFacts,
  command: guardFacts,
  container_image: imageFacts,
  kubeadm_init: memberFacts,
  kubeadm_join: memberFacts,
  kubeadm_phase: (_, {change}) => [...recordFacts(change), ...certificateFacts(change)],
  package: (_, {resource}) =>
    answering('package', {status: 'installed', versions: ['1.0'], held: false}, resource),
  swap: () => [fact(unitFile('swap.target'), {...LOADED, load: 'masked', enabled: 'masked'})],
  systemd_unit: unitFacts,
};

const LOADED = {load: 'loaded', needsReload: false, passing: false} as const;

function unitFacts(spec: JsonObject, {resource}: Done): readonly Fact[] {
  const name = unitOf(resource);
  const isUp = spec['state'] === 'started';
  const enabled = spec['masked'] === true ? 'masked' : spec['enabled'] === true ? 'enabled' : 'disabled';
  const state = isUp ? {active: 'active', sub: 'running'} : {active: 'inactive', sub: 'dead'};
  return [
    fact(unit(name), {...state, result: 'success', invocation: isUp ? 'a' : ''}),
    fact(unitFile(name), {...LOADED, enabled}),
  ];
}

/** Until its guard says that it is done, a command has failed. */
function guardFacts(spec: JsonObject, {resource}: Done): readonly Fact[] {
  const isThere = spec['creates'] !== undefined || spec['unless'] !== undefined;
  return [
    ...answering('probe', isThere ? 0 : 1, resource),
    ...answering('stat', isThere ? FILE : undefined, resource),
    ...answering('output', {exit_code: 0, stdout: textOf(spec['expect'])}, resource),
  ];
}

function unpackedFacts({strip, include, owner, group}: JsonObject, {resource}: Done): readonly Fact[] {
  const [sha256] = resource.fetches.flatMap((fetch) => (fetch.type === 'file' ? [fetch.sha256] : []));
  if (sha256 === undefined) return [];
  const identity = identityOf({
    sha256,
    strip: typeof strip === 'number' ? strip : 0,
    include: listOf(include).map(textOf),
    owner: accountOf(owner),
    group: accountOf(group),
  });
  return answering('unpacked', {identity, intact: true, members: []}, resource);
}

const accountOf = (account: Json | undefined): string | number =>
  typeof account === 'string' || typeof account === 'number' ? account : 'root';

/** Of an image that is known by its tag alone. */
const UNKNOWN_DIGEST = `sha256:${'0'.repeat(64)}`;

function imageFacts(_: JsonObject, {resource}: Done): readonly Fact[] {
  const [image] = resource.fetches.map((fetch) =>
    fetch.type === 'image'
      ? {digest: fetch.digest ?? UNKNOWN_DIGEST}
      : {digest: UNKNOWN_DIGEST, archive: fetch.sha256},
  );
  return image ? answering('container_image', image, resource) : [];
}

/** What a host has behind kubeadm. All hosts are in one cluster, with one authority. */
function memberFacts(_: JsonObject, {change, resource, profile: {address}}: Done): readonly Fact[] {
  return [
    ...answering('stat', FILE, resource),
    {query: stat(PLACES.unfinished), answer: ABSENT},
    ...answering('certificate', AUTHORITY, resource),
    fact(
      content(PLACES.apiServer),
      `    kubeadm.kubernetes.io/advertise-address.endpoint: ${address}:6443\n`,
    ),
    ...recordFacts(change),
  ];
}

/** How a program of kubeadm's resources writes down what a part was made from. */
const RECORDING = /^record=(\S+)\n[^]*? ([0-9a-f]{64})\n *comma=\n *for file in (.*); do$/gm;

/**
 * What parts of kubeadm's work were made from, which only the program itself knows by then; the files that they wrote
 * are as they wrote them.
 */
function recordFacts({steps}: PendingChange): readonly Fact[] {
  const programs = steps.flatMap((step) => ('program' in step ? [step.program.wire] : []));
  return programs.flatMap((program) =>
    [...program.matchAll(RECORDING)].flatMap(([, record = '', made = '', words = '']) => {
      const paths = words.split(' ').filter((word) => word.startsWith('/'));
      const text = JSON.stringify({
        compare: made,
        files: Object.fromEntries(paths.map((path) => [path, made])),
      });
      return [fact(content(record), text), ...paths.map((path) => fact(digest(path), made))];
    }),
  );
}

const NAMES = 'names in ';

/** A certificate gets the names that it lacked. */
const certificateFacts = ({details}: PendingChange): readonly Fact[] =>
  details
    .filter(({attribute}) => attribute.startsWith(NAMES))
    .map(({attribute, after = ''}) => {
      const names = after.split(', ').map(oneWay);
      return fact(certificate(attribute.slice(NAMES.length)), {...AUTHORITY, names});
    });

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** This answer to all that the resource asks of one kind; `undefined` is that it is not there. */
const answering = (kind: string, value: unknown, {facts}: Resource): readonly Fact[] =>
  facts
    .filter((query) => query.kind.name === kind)
    .map((query) => ({query, answer: value === undefined ? ABSENT : known(value)}));
