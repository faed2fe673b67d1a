import type {HostProfile} from '../model/profile.ts';
import type {Schema} from '../yaml/inline.ts';
import {typesOf} from '../yaml/schema-paths.ts';

/** Some value that a schema would accept, where that is easy to tell. */
export function sampleOf(schema: Schema): unknown {
  const {const: only, enum: some, default: usual} = schema;
  const first = [only, usual, Array.isArray(some) ? some[0] : undefined].find((value) => value !== undefined);
  if (first !== undefined) return first;
  const [type = 'string'] = typesOf(schema) ?? [];
  return SAMPLES[type] ?? '';
}

const SAMPLES: Readonly<Record<string, unknown>> = {
  string: '',
  integer: 1,
  number: 1,
  boolean: true,
  array: [],
  object: {},
  null: null,
};

/** Any host: what is asked of a spec with it must not depend on which. */
export const SAMPLE_PROFILE: HostProfile = {
  hostname: 'sample',
  os: {id: 'debian', version: '12', family: ['debian']},
  arch: 'amd64',
  kernel: '6.1.0',
  init: 'systemd',
  cgroup: 'v2',
  package_manager: 'apt',
  cpus: 2,
  memory_mb: 2_048,
  addresses: ['192.0.2.1'],
  address: '192.0.2.1',
  selinux: 'disabled',
  machine_id: '0'.repeat(32),
  boot_id: '00000000-0000-0000-0000-000000000000',
  uid: 0,
};
