import type {JsonSchema} from '../model/resource.ts';

const TEXT = {type: 'string'} as const;
const TEXTS = {type: 'array', items: {type: 'string'}} as const;
const COUNT = {type: 'integer', minimum: 0} as const;

/** Of a `HostProfile`, each part alone. */
const PROFILE: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    hostname: TEXT,
    os: {
      type: 'object',
      additionalProperties: false,
      required: ['id', 'version', 'family'],
      properties: {id: TEXT, version: TEXT, family: TEXTS},
    },
    arch: TEXT,
    kernel: TEXT,
    init: {enum: ['systemd', 'openrc', 'other']},
    cgroup: {enum: ['v1', 'v2']},
    package_manager: {enum: ['apt', 'dnf', 'zypper', 'apk', 'none']},
    cpus: COUNT,
    memory_mb: COUNT,
    addresses: TEXTS,
    address: TEXT,
    selinux: {enum: ['enforcing', 'permissive', 'disabled']},
    machine_id: TEXT,
    boot_id: TEXT,
    uid: COUNT,
  },
};

/** Where variables are set, or facts told, a secret may stand. */
const VALUES = {type: 'object', 'x-secret': true} as const;

/** What a file in test/ of a role may say. */
export const TEST_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['summary', 'inventory'],
  properties: {
    summary: {type: 'string', minLength: 1, description: 'What the test shows, in one sentence.'},
    inventory: {...VALUES, description: 'As in a file of an inventory.'},
    plays: {
      type: 'array',
      'x-secret': true,
      description: 'As in a playbook. Default: one play for all hosts, with the role and nothing else.',
    },
    converged_with: {
      ...VALUES,
      description: 'Hosts are as a run with these variables left them. Default: bare.',
    },
    hosts: {
      type: 'object',
      description: 'What is other on a host than on a bare one, by its name.',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          bare: {type: 'boolean', description: 'Whether the run that was there before has left it out.'},
          profile: {...PROFILE, description: 'What the host is.'},
          facts: {
            ...VALUES,
            description:
              'What it answers, by kind and key of the question; `*` stands for any text. null: it is not there.',
          },
        },
      },
    },
    plan: {type: 'string', description: 'What the plan says. `provision test --update` writes it.'},
  },
};
