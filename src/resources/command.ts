import type {Script} from '../base/script.ts';
import {Secret, type Text} from '../base/secret.ts';
import {output, type Printed, probe} from '../facts/probe.ts';
import {stat} from '../facts/stat.ts';
import {type Answer, type Unknown, unknown, valueOf} from '../model/answer.ts';
import {IMPACTS, NOTHING} from '../model/change.ts';
import {fact, type Subject} from '../model/fact.ts';
import {shellText} from '../shell/program.ts';
import {sh} from '../shell/sh.ts';
import {type CommandSpec, guardsOf, reading, surrounded} from './command/guards.ts';
import {defineResource} from './define.ts';
import {path} from './schemas.ts';
import {firstUnknown} from './seen.ts';

const looks = 'It must only look: it is run whenever facts are asked, also for a plan, and gets no secrets.';

export default defineResource<CommandSpec>({
  kind: 'command',
  summary: 'A command, with the guards that tell when there is nothing to do.',

  schema: {
    type: 'object',
    additionalProperties: false,
    oneOf: [{required: ['argv']}, {required: ['cmd']}],
    dependencies: {expect: ['read']},
    properties: {
      argv: {
        description: 'The program and its arguments, not seen by a shell.',
        type: 'array',
        minItems: 1,
        items: {type: 'string'},
      },
      cmd: {description: 'A shell text (POSIX sh), in place of `argv`.', type: 'string', minLength: 1},
      creates: path('A path that is there once the command has run.'),
      removes: path('A path that is gone once the command has run.'),
      unless: {
        description: `A shell text that succeeds once there is nothing to do. ${looks}`,
        type: 'string',
      },
      only_if: {
        description: `A shell text that succeeds while there is something to do. ${looks}`,
        type: 'string',
      },
      read: {description: `A shell text whose stdout is the output \`stdout\`. ${looks}`, type: 'string'},
      expect: {description: 'What `read` prints once there is nothing to do.', type: 'string'},
      chdir: path('The directory in which the command and its guards run.'),
      environment: {
        description: 'Environment variables. Secrets are given to the command alone, and not to its guards.',
        type: 'object',
        propertyNames: {pattern: '^[A-Za-z_][A-Za-z0-9_]*$'},
        additionalProperties: {type: ['string', 'number'], 'x-secret': true},
        default: {},
      },
      touches: {
        description: 'Paths that the command may alter, each with all below it. Everything unless said.',
        type: 'array',
        items: path('One of them.'),
      },
      impact: {
        description: 'What the command does to what runs on the host.',
        enum: IMPACTS,
        default: 'none',
      },
      sensitive: {description: 'Whether what `read` prints is a secret.', type: 'boolean', default: false},
    },
  },

  key: (spec) => `command:${spec.creates ?? spec.removes ?? `${spec.chdir ?? ''} ${programOf(spec).wire}`}`,

  validate: ({creates, removes, unless, only_if, expect}) =>
    [creates, removes, unless, only_if, expect].some((guard) => guard !== undefined)
      ? undefined
      : 'A command needs a guard that tells when it is done: creates, removes, unless, only_if, or read with expect.',

  facts: (spec) => [
    ...guardsOf(spec).map(({query}) => query),
    ...(spec.read ? [reading(spec, spec.read)] : []),
  ],

  worst: ({impact}) => impact,
  diff(spec, facts) {
    const guards = guardsOf(spec);
    const closed = firstUnknown(
      facts,
      guards.map(({query}) => query),
    );
    if (closed) return closed;
    const reasons = guards.map(({reason}) => reason(facts));
    if (reasons.some((reason) => reason === undefined)) return NOTHING;
    return {
      action: 'run',
      details: reasons.filter((reason) => reason !== undefined),
      impact: spec.impact,
      steps: [surrounded(spec, programOf(spec))],
      touches: touchesOf(spec),
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: touchesOf,

  outputs: {
    schema: {
      type: 'object',
      properties: {
        stdout: {description: 'What `read` prints, without line feeds at its end.', type: 'string'},
      },
    },
    read: ({read, ...spec}, facts) => {
      if (read === undefined) return unknown('the command has no `read`');
      return outputsOf(facts.get(reading(spec, read)), spec.sensitive);
    },
  },

  examples: [
    {
      title: 'runs until the path is there that it creates',
      spec: {argv: ['containerd', 'config', 'dump'], creates: '/etc/containerd/dump'},
      facts: [],
      action: 'run',
      commands: ['containerd config dump'],
    },
    {
      title: 'does not run where the path is there',
      spec: {argv: ['containerd', 'config', 'dump'], creates: '/etc/containerd/dump'},
      facts: [fact(stat('/etc/containerd/dump'), {type: 'file', mode: '0644', owner: 0, group: 0})],
      action: 'none',
      commands: [],
    },
    {
      title: 'gives a secret to the command and not to its guard',
      spec: {
        cmd: 'restic init',
        unless: 'test -d /srv/backup/keys',
        chdir: '/srv',
        environment: {RESTIC_REPOSITORY: '/srv/backup', RESTIC_PASSWORD: new Secret('example')},
      },
      facts: [
        fact(probe('cd -- /srv || exit; export RESTIC_REPOSITORY=/srv/backup; test -d /srv/backup/keys'), 1),
      ],
      action: 'run',
      commands: ['cd -- /srv || exit; export RESTIC_REPOSITORY=/srv/backup RESTIC_PASSWORD=***; restic init'],
    },
    {
      title: 'compares what it reads with what is expected',
      spec: {cmd: 'timedatectl set-timezone UTC', read: 'timedatectl show -P Timezone', expect: 'UTC'},
      facts: [fact(output('timedatectl show -P Timezone'), {exit_code: 0, stdout: 'Europe/Berlin'})],
      action: 'run',
      commands: ['timedatectl set-timezone UTC'],
    },
  ],
});

const programOf = ({argv, cmd}: CommandSpec): Script => (argv ? sh`${argv}` : shellText(cmd ?? ''));

function touchesOf({touches}: CommandSpec): readonly Subject[] | 'everything' {
  return touches === undefined ? 'everything' : touches.map((each): Subject => `tree:${each}`);
}

function outputsOf(answer: Answer<Printed>, sensitive: boolean): {readonly stdout: Text} | Unknown {
  if (answer.state === 'unknown') return answer;
  const printed = valueOf(answer);
  if (printed?.exit_code !== 0) return unknown(`\`read\` ended with ${printed?.exit_code ?? 'no answer'}`);
  return {stdout: sensitive ? new Secret(printed.stdout) : printed.stdout};
}
