import {Secret, type Text} from '../base/secret.ts';
import type {Script} from '../base/script.ts';
import {output, probe, type Printed} from '../facts/probe.ts';
import {stat} from '../facts/stat.ts';
import {unknown, valueOf, type Answer, type Unknown} from '../model/answer.ts';
import {IMPACTS, NOTHING, type ChangeDetail, type Impact} from '../model/change.ts';
import {fact, type FactQuery, type Facts, type Subject} from '../model/fact.ts';
import {shellText} from '../shell/program.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface CommandSpec {
  readonly argv?: readonly string[];
  readonly cmd?: string;
  readonly creates?: string;
  readonly removes?: string;
  readonly unless?: string;
  readonly only_if?: string;
  readonly read?: string;
  readonly expect?: string;
  readonly chdir?: string;
  readonly environment: Readonly<Record<string, Text | number>>;
  readonly touches?: readonly string[];
  readonly impact: Impact;
  readonly sensitive: boolean;
}

const looks = 'It must only look: it is run whenever facts are asked, also for a plan, and gets no secrets.';

export default defineResource<CommandSpec>({
  kind: 'command',
  summary: 'A command, with the guards that tell when there is nothing to do.',

  schema: {
    type: 'object',
    additionalProperties: false,
    oneOf: [{required: ['argv']}, {required: ['cmd']}],
    dependentRequired: {expect: ['read']},
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

/** A question, and why the command must run for it: `undefined` where it must not. */
interface Guard {
  readonly query: FactQuery;
  readonly reason: (facts: Facts) => ChangeDetail | undefined;
}

function guardsOf(spec: CommandSpec): readonly Guard[] {
  const {creates, removes, unless, only_if, read, expect} = spec;
  return [
    ...(creates === undefined ? [] : [existence(creates, 'creates', 'present')]),
    ...(removes === undefined ? [] : [existence(removes, 'removes', 'absent')]),
    ...(unless === undefined ? [] : [exitCode(spec, 'unless', unless)]),
    ...(only_if === undefined ? [] : [exitCode(spec, 'only_if', only_if)]),
    ...(read === undefined || expect === undefined ? [] : [printed(spec, read, expect)]),
  ];
}

function existence(at: string, attribute: string, after: 'present' | 'absent'): Guard {
  const query = stat(at);
  const reason = (facts: Facts): ChangeDetail | undefined => {
    const before = seen(facts, query) ? 'present' : 'absent';
    return before === after ? undefined : {attribute: `${attribute} ${at}`, before, after};
  };
  return {query, reason};
}

function exitCode(spec: CommandSpec, attribute: 'unless' | 'only_if', text: string): Guard {
  const query = probe(guardText(spec, text));
  const after = attribute === 'unless' ? 'succeeds' : 'fails';
  const reason = (facts: Facts): ChangeDetail | undefined => {
    const before = seen(facts, query) === 0 ? 'succeeds' : 'fails';
    return before === after ? undefined : {attribute: `${attribute} ${text}`, before, after};
  };
  return {query, reason};
}

function printed(spec: CommandSpec, text: string, after: string): Guard {
  const query = reading(spec, text);
  const reason = (facts: Facts): ChangeDetail | undefined => {
    const before = seen(facts, query);
    if (before?.exit_code === 0 && before.stdout === after) return undefined;
    const attribute = `read ${text}`;
    return spec.sensitive
      ? {attribute, before: '(hidden)', after: '(hidden)'}
      : {attribute, before: before?.stdout, after};
  };
  return {query, reason};
}

const reading = (spec: Pick<CommandSpec, 'chdir' | 'environment'>, text: string): FactQuery<Printed> =>
  output(guardText(spec, text));

/** Guards are keys of facts, which may be shown: no secret gets there. */
function guardText({chdir, environment}: Pick<CommandSpec, 'chdir' | 'environment'>, text: string): string {
  const open = Object.entries(environment).filter(([, value]) => !(value instanceof Secret));
  return surrounded({chdir, environment: Object.fromEntries(open)}, shellText(text)).wire;
}

/** The environment is set in the shell, since arguments of programs can be read by everyone. */
function surrounded(
  {
    chdir,
    environment,
  }: {readonly chdir?: string | undefined; readonly environment: CommandSpec['environment']},
  program: Script,
): Script {
  const pairs = Object.entries(environment).map(([name, value]) => sh` ${name}=${value}`);
  const exported = pairs.reduce<Script>((before, pair) => sh`${before}${pair}`, sh`export`);
  const inside = pairs.length > 0 ? sh`${exported}; ${program}` : program;
  return chdir === undefined ? inside : sh`cd -- ${chdir} || exit; ${inside}`;
}

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
