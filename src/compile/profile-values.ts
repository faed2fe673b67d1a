import {didYouMean} from '../base/nearest.ts';
import {declareType} from '../expression/late-types.ts';
import type {Resolution} from '../expression/scope.ts';
import type {Late, Staged} from '../model/graph.ts';
import type {HostProfile} from '../model/profile.ts';
import type {Schema} from '../yaml/inline.ts';
import {isObject} from '../yaml/inline.ts';

const TEXT = {type: 'string'} as const;
const NUMBER = {type: 'integer'} as const;
const TEXTS = {type: 'array', items: TEXT} as const;

/** What a host's profile holds, for the types of values that are known once a host answers. */
const PROPERTIES: Readonly<Record<keyof HostProfile, Schema>> = {
  hostname: TEXT,
  os: {type: 'object', properties: {id: TEXT, version: TEXT, family: TEXTS}},
  arch: TEXT,
  kernel: TEXT,
  init: TEXT,
  cgroup: TEXT,
  package_manager: TEXT,
  cpus: NUMBER,
  memory_mb: NUMBER,
  addresses: TEXTS,
  address: TEXT,
  selinux: TEXT,
  machine_id: TEXT,
  boot_id: TEXT,
  uid: NUMBER,
};

const PROFILE: Schema = {type: 'object', properties: PROPERTIES};

const known = new Map<string, Staged<unknown>>();

/** The same value for every host: each resolves it with its own profile. `path` begins with `profile`. */
export function profileValue(path: readonly string[]): Resolution {
  let schema = PROFILE;
  let used = 1;
  for (const name of path.slice(1)) {
    const properties = schema['properties'];
    if (!isObject(properties)) break;
    const next = properties[name];
    if (!isObject(next)) return unknownProperty(path.slice(0, used), name, Object.keys(properties));
    schema = next;
    used++;
  }
  return {found: true, value: valueAt(path.slice(0, used), schema), used};
}

function unknownProperty(owner: readonly string[], name: string, names: readonly string[]): Resolution {
  const hint = didYouMean(name, names) ?? `It has ${names.join(', ')}.`;
  return {found: false, detail: `"${owner.join('.')}" has no "${name}".`, hint};
}

function valueAt(path: readonly string[], schema: Schema): Staged<unknown> {
  const key = path.join('.');
  const before = known.get(key);
  if (before) return before;
  const resolve = ({profile}: Late) => ({ok: true, value: walk(profile, path.slice(1))}) as const;
  const value: Staged<unknown> = {stage: 'profile', reads: [], resolve};
  known.set(key, declareType(value, {schema}));
  return value;
}

const walk = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
