import type {PlainResult} from '../expression/condition.ts';
import {probe} from '../facts/probe.ts';
import {stat} from '../facts/stat.ts';
import {type Unknown, unknown} from '../model/answer.ts';
import {type Finding, NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {
  evaluate,
  problemIn,
  QUESTIONS,
  type Questions,
  queriesOf,
  type Values,
  valuesOf,
} from './check/condition.ts';
import {defineResource} from './define.ts';
import {firstUnknown} from './seen.ts';

interface CheckSpec {
  readonly facts: Questions;
  readonly assert: string;
  readonly message: string;
  readonly found?: string;
  readonly hint?: string;
  readonly severity: Finding['severity'];
  readonly scope: 'host' | 'play';
}

const SYNC = 'timedatectl show -P NTPSynchronized | grep -qx yes';
const MACHINE_ID = {facts: {id: {content: '/etc/machine-id'}}, scope: 'play' as const};

export default defineResource<CheckSpec>({
  kind: 'check',
  summary:
    'A condition that must hold, and that could be looked at. It changes nothing; what it finds is shown by `plan` already.',

  schema: {
    type: 'object',
    required: ['assert', 'message'],
    additionalProperties: false,
    properties: {
      facts: QUESTIONS,
      assert: {
        description:
          'A CEL expression over these names, `profile`, and with `scope: play` the list `peers`: the same names and ' +
          '`host` for each host of the play. What is absent is null.',
        type: 'string',
        minLength: 1,
      },
      message: {description: 'What is wrong where it does not hold.', type: 'string', minLength: 1},
      found: {
        description:
          'A CEL expression over the same names: a text that says what is there instead. It stands behind the message.',
        type: 'string',
        minLength: 1,
      },
      hint: {description: 'What to do about it.', type: 'string'},
      severity: {
        description: 'An error stops the run before any change.',
        enum: ['error', 'warning'],
        default: 'error',
      },
      scope: {description: 'Whose facts it sees.', enum: ['host', 'play'], default: 'host'},
    },
  },

  key: ({facts, assert, message}) => `check:${message} ${assert} ${JSON.stringify(facts)}`,
  validate: problemOf,
  facts: (spec) => [...queriesOf(spec.facts).values()],

  diff(spec, facts, context) {
    const closed = firstUnknown(facts, [...queriesOf(spec.facts).values()]);
    if (closed) return {action: 'none', findings: [unseen(spec, closed)]};
    const values = valuesOf(spec.facts, spec.scope, facts, context);
    const holds = evaluate(spec.assert, values);
    if (!holds.ok) return unknown(holds.problem);
    if (typeof holds.value !== 'boolean') return unknown('`assert` is neither true nor false');
    return holds.value ? NOTHING : {action: 'none', findings: [findingOf(spec, values)]};
  },

  mayTouch: () => [],
  scope: ({scope}) => scope,

  examples: [
    {
      title: 'finds nothing where its condition holds',
      spec: {
        facts: {synced: {probe: SYNC}},
        assert: 'synced == 0',
        message: 'The clock is not synchronised.',
      },
      facts: [fact(probe(SYNC), 0)],
      action: 'none',
      commands: [],
    },
    {
      title: 'reads the properties of a fact, and what the profile says',
      spec: {
        facts: {key: {stat: '/etc/kubernetes/pki/ca.key'}},
        assert: 'key == null || key.mode == "0600" || profile.memory_mb < 512',
        message: 'The key of the authority can be read by others.',
        severity: 'warning',
      },
      facts: [fact(stat('/etc/kubernetes/pki/ca.key'), {type: 'file', mode: '0644', owner: 0, group: 0})],
      action: 'none',
      commands: [],
    },
    {
      title: 'compares the hosts of a play',
      spec: {
        ...MACHINE_ID,
        assert: 'peers.filter(p, p.id == id).size() <= 1',
        message: 'Another host has the same machine id.',
        hint: 'Remove /etc/machine-id on one of them and run systemd-machine-id-setup.',
      },
      facts: [],
      action: 'none',
      commands: [],
    },
  ],
});

function problemOf({assert, found, facts, scope}: CheckSpec): string | undefined {
  const names = new Set([...Object.keys(facts), 'profile', ...(scope === 'play' ? ['peers'] : [])]);
  return problemIn('assert', assert, names) ?? (found && problemIn('found', found, names));
}

/** Nobody may take it for granted that what could not be looked at is as it should be. */
const unseen = ({severity, hint}: CheckSpec, {reason}: Unknown): Finding => ({
  severity,
  message: `This could not be looked at: ${reason}`,
  ...(hint === undefined ? {} : {hint}),
});

function findingOf({severity, message, found, hint}: CheckSpec, values: Values): Finding {
  const more = found === undefined ? '' : detailOf(evaluate(found, values));
  return {severity, message: `${message}${more}`, ...(hint === undefined ? {} : {hint})};
}

/** What cannot be told takes nothing from the finding itself. */
const detailOf = (told: PlainResult): string =>
  told.ok && typeof told.value === 'string' ? ` ${told.value}` : '';
