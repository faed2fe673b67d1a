import {parseDuration} from '../base/duration.ts';
import {probe} from '../facts/probe.ts';
import {stat} from '../facts/stat.ts';
import {type ChangeDetail, NOTHING} from '../model/change.ts';
import {type FactQuery, type Facts, fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {duration, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface RebootSpec {
  readonly if_exists: readonly string[];
  readonly only_if?: string;
  readonly kernel?: string;
  readonly message: string;
  readonly timeout: string | number;
}

const FLAG = '/run/reboot-required';

export default defineResource<RebootSpec>({
  kind: 'reboot',
  summary: 'Restarts the host where something says that it is necessary, and waits until it is back.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      if_exists: {
        description: 'Files that ask for a restart while they are there.',
        type: 'array',
        items: path('One of them.'),
        default: [FLAG],
      },
      only_if: {
        description: 'A shell text that only looks, and succeeds while a restart is necessary.',
        type: 'string',
        minLength: 1,
      },
      kernel: {
        description: 'The kernel release that must run, as `uname -r` prints it.',
        type: 'string',
        minLength: 1,
      },
      message: {description: 'Why, for the plan.', type: 'string', default: 'a restart is necessary'},
      timeout: duration('How long the host may be away.', '10m'),
    },
  },

  key: () => 'reboot:host',
  facts: ({if_exists, only_if}) => [
    ...if_exists.map(stat),
    ...(only_if === undefined ? [] : [probe(only_if)]),
  ],

  worst: () => 'reboot',
  diff(spec, facts, {profile}) {
    const queries: readonly FactQuery[] = [
      ...spec.if_exists.map(stat),
      ...(spec.only_if ? [probe(spec.only_if)] : []),
    ];
    const closed = firstUnknown(facts, queries);
    if (closed) return closed;
    const reasons = [...flags(spec, facts), ...asked(spec, facts), ...otherKernel(spec, profile.kernel)];
    if (reasons.length === 0) return NOTHING;
    return {
      action: 'run',
      details: [...reasons, {attribute: 'message', before: undefined, after: spec.message}],
      impact: 'reboot',
      steps: [{step: 'reboot', timeoutMs: parseDuration(spec.timeout) ?? 0}],
      touches: 'everything',
      predicts: [],
      proof: 'facts',
    };
  },

  examples: [
    {
      title: 'restarts a host on which an update asked for it',
      spec: {},
      facts: [fact(stat(FLAG), {type: 'file', mode: '0644', owner: 0, group: 0})],
      action: 'run',
      commands: ['reboot'],
    },
    {title: 'leaves other hosts alone', spec: {}, facts: [], action: 'none', commands: []},
    {
      title: 'restarts into another kernel',
      spec: {kernel: '6.12.9'},
      facts: [],
      profile: {kernel: '6.1.0'},
      action: 'run',
      commands: ['reboot'],
    },
  ],
});

const flags = ({if_exists}: RebootSpec, facts: Facts): readonly ChangeDetail[] =>
  if_exists
    .filter((flag) => seen(facts, stat(flag)) !== undefined)
    .map((flag) => ({attribute: flag, before: 'present', after: 'absent'}));

const asked = ({only_if}: RebootSpec, facts: Facts): readonly ChangeDetail[] =>
  only_if !== undefined && seen(facts, probe(only_if)) === 0
    ? [{attribute: `only_if ${only_if}`, before: 'succeeds', after: 'fails'}]
    : [];

const otherKernel = ({kernel}: RebootSpec, running: string): readonly ChangeDetail[] =>
  kernel !== undefined && kernel !== running ? [{attribute: 'kernel', before: running, after: kernel}] : [];
