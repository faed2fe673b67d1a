import type {JsonSchema} from '../model/resource.ts';

const ID = {type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_ .-]*$'} as const;
const NAMES = {
  anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}],
} as const;
const BECOME = {
  type: ['boolean', 'string'],
  description: 'Whether to run as another user; a name says as which one.',
} as const;
const IMPACT = {
  type: 'string',
  enum: ['none', 'reload', 'restart', 'drain', 'reboot', 'loss'],
  description: 'Only a change of at least this impact opens the bracket.',
} as const;

/** What `role.yaml` may say. */
export const ROLE_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['summary'],
  properties: {
    summary: {type: 'string', description: 'What the role is for, in one sentence.'},
    platforms: {
      type: 'array',
      description: 'Where it is known to work; for hosts elsewhere the plan has a warning.',
      items: {
        anyOf: [
          {type: 'string'},
          {
            type: 'object',
            additionalProperties: false,
            required: ['os'],
            properties: {
              os: {type: 'string', description: '`ID` of os-release.'},
              versions: {type: 'array', items: {type: 'string'}, description: '`VERSION_ID`s.'},
            },
          },
        ],
      },
    },
    needs: {...NAMES, description: 'Roles that go first on the same host, unless they went already.'},
    entrypoints: {
      type: 'object',
      description: 'Each a name with its task files, in order. Without it every file in tasks/ is one.',
      additionalProperties: NAMES,
    },
    default_entrypoint: {
      ...ID,
      description:
        'What a playbook means that names none. Without it `install`, else `main`, else the only one.',
    },
    present_if: {
      type: 'object',
      description: 'A kind of fact and its key: where it holds, the role is installed.',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: {type: 'string'},
    },
  },
};

/** The words of the engine, which are the same for tasks of every kind. */
export const TASK_WORDS: {readonly [word: string]: JsonSchema} = {
  id: {...ID, description: 'Unique in its role: others refer to it, and it is a part of the task id.'},
  name: {type: 'string', description: 'What it does, for people.'},
  when: {
    type: ['string', 'boolean', 'array'],
    items: {type: ['string', 'boolean']},
    description: 'A condition in CEL; of a list, all have to hold.',
  },
  loop: {
    type: ['array', 'object', 'string'],
    description: 'One task for each item: scalars, maps with a `key`, or a map.',
  },
  needs: {...NAMES, description: 'Starts behind these only, and not behind what is written before it.'},
  become: BECOME,
  retries: {
    anyOf: [
      {type: ['integer', 'string'], minimum: 0},
      {
        type: 'object',
        additionalProperties: false,
        required: ['count'],
        properties: {
          count: {type: ['integer', 'string'], minimum: 0, description: 'How often it is tried again.'},
          delay: {type: ['string', 'number'], description: 'Before the first time; doubled each time.'},
        },
      },
    ],
    description: 'How often a failure is tried again.',
  },
  timeout: {type: ['string', 'number'], description: 'Of each step: "90s", "5m".'},
  tags: {...NAMES, description: 'Words for `--tags`.'},
  locks: {...NAMES, description: 'Names of which one task in the whole run may hold each.'},
  around: {...NAMES, description: 'Of a bracket: the tasks for whose changes it exists.'},
  impact: IMPACT,
  run_once: {type: 'boolean', description: 'One task for the whole play.'},
  delegate_to: {type: 'string', description: 'Done at one of these hosts, for the host of the task.'},
};

const AROUND: JsonSchema = {
  type: 'object',
  required: ['id'],
  properties: {
    ...Object.fromEntries(
      ['id', 'name', 'become', 'timeout', 'impact', 'run_once', 'delegate_to'].map((word) => [
        word,
        TASK_WORDS[word] ?? {},
      ]),
    ),
    around: {...NAMES, description: 'Plays before this one, around whose changes it is too.'},
  },
};

/** Like everywhere that variables are set, their values may be secrets. */
const VARS = {type: 'object', 'x-secret': true} as const;

const SHARE = {type: ['integer', 'string'], minimum: 0, pattern: '^(\\d+|(100|\\d{1,2})%)$'} as const;

/** What a playbook may say: a list of plays. */
export const PLAYBOOK_SCHEMA: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['play', 'hosts'],
    properties: {
      play: {type: 'string', minLength: 1, description: 'Its name, for people.'},
      id: {...ID, description: 'A short name, for task ids and `needs`; else made from the name.'},
      hosts: {type: 'string', description: 'A host pattern.'},
      needs: {
        ...NAMES,
        description:
          'Plays that have to succeed before it, each for all hosts or, as `play@host`, for the same host.',
      },
      rollout: {
        type: 'object',
        additionalProperties: false,
        description: 'How many hosts at once, and when to stop.',
        properties: {
          max_unavailable: {...SHARE, description: 'Hosts that may be restarting at one time: 3 or "20%".'},
          max_failures: {...SHARE, description: 'More failed hosts than that stop the play.'},
          on_failure: {
            type: 'string',
            enum: ['continue', 'stop'],
            description: '`stop`: behind the play nothing runs, on any host, where one failed.',
          },
        },
      },
      around: {type: 'array', items: AROUND, description: 'Brackets around the changes of each host.'},
      roles: {
        type: 'array',
        description: 'What is done, in order.',
        items: {
          anyOf: [
            {type: 'string'},
            {
              type: 'object',
              additionalProperties: false,
              required: ['role'],
              properties: {
                role: {type: 'string', description: 'Which role.'},
                entrypoint: {type: 'string', description: 'Which of its entrypoints.'},
                when: {
                  ...TASK_WORDS['when'],
                  description: 'Where it does not hold, the role is switched off.',
                },
                vars: {...VARS, description: 'Variables for this role alone.'},
                tags: TASK_WORDS['tags'] ?? {},
              },
            },
          ],
        },
      },
      vars: {...VARS, description: 'Variables of the play.'},
      tags: TASK_WORDS['tags'] ?? {},
      become: {...BECOME, pattern: '^[^{}]+$'},
    },
  },
};
