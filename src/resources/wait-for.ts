import {parseDuration} from '../base/duration.ts';
import {port} from '../facts/port.ts';
import {probe} from '../facts/probe.ts';
import {stat} from '../facts/stat.ts';
import {ABSENT} from '../model/answer.ts';
import {type ChangeDetail, NOTHING} from '../model/change.ts';
import {type Fact, type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {duration, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface WaitForSpec {
  readonly port?: number;
  readonly host: string;
  readonly path?: string;
  readonly cmd?: string;
  readonly state: 'present' | 'absent' | 'started' | 'stopped';
  readonly timeout: string | number;
  readonly steady: string | number;
}

export default defineResource<WaitForSpec>({
  kind: 'wait_for',
  summary: 'Waits until a port answers, a path is there, or a command succeeds; or until it no longer does.',

  schema: {
    type: 'object',
    additionalProperties: false,
    oneOf: [{required: ['port']}, {required: ['path']}, {required: ['cmd']}],
    properties: {
      port: {
        description: 'A TCP port, looked at from the host.',
        type: 'integer',
        minimum: 1,
        maximum: 65_535,
      },
      host: {
        description: 'The name or address that has the port.',
        type: 'string',
        pattern: '^[A-Za-z0-9:][A-Za-z0-9.:_-]*$',
        default: '127.0.0.1',
      },
      path: path('A path.'),
      cmd: {
        description: 'A shell text that only looks: it is run until it succeeds.',
        type: 'string',
        minLength: 1,
      },
      state: {
        description:
          'Whether it is waited for or for its end. `started` is `present`, and `stopped` is `absent`.',
        enum: ['present', 'absent', 'started', 'stopped'],
        default: 'present',
      },
      timeout: duration('How long it may take.', '5m'),
      steady: duration('How long it must hold.', '0s'),
    },
  },

  key: (spec) => `wait:${awaited(spec).name} ${directionOf(spec)}`,
  facts: (spec) => [awaited(spec).query],

  diff(spec, facts) {
    const {name, query, words, isThere, subject} = awaited(spec);
    const closed = firstUnknown(facts, [query]);
    if (closed) return closed;
    const wanted = directionOf(spec);
    if (isThere(facts) === (wanted === 'present')) return NOTHING;
    const [present, absent] = words;
    const detail: ChangeDetail =
      wanted === 'present'
        ? {attribute: name, before: absent, after: present}
        : {attribute: name, before: present, after: absent};
    return {
      action: 'run',
      details: [detail],
      impact: 'none',
      steps: [],
      touches: subject === undefined ? [] : [subject],
      predicts: predictionOf(spec),
      proof: 'facts',
    };
  },

  mayTouch: (spec) => {
    const {subject} = awaited(spec);
    return subject === undefined ? [] : [subject];
  },

  settle: ({timeout, steady}) => ({
    timeoutMs: parseDuration(timeout) ?? 0,
    steadyMs: parseDuration(steady) ?? 0,
  }),

  examples: [
    {
      title: 'waits for a port',
      spec: {port: 6443, timeout: '90s'},
      facts: [fact(port('127.0.0.1:6443'), 'closed')],
      action: 'run',
      commands: [],
    },
    {
      title: 'does not wait for a port that answers',
      spec: {port: 6443},
      facts: [fact(port('127.0.0.1:6443'), 'open')],
      action: 'none',
      commands: [],
    },
    {
      title: 'waits until a file is gone',
      spec: {path: '/run/nologin', state: 'absent'},
      facts: [fact(stat('/run/nologin'), {type: 'file', mode: '0644', owner: 0, group: 0})],
      action: 'run',
      commands: [],
    },
    {
      title: 'waits until a command succeeds',
      spec: {cmd: 'systemctl is-system-running --quiet', steady: '5s'},
      facts: [fact(probe('systemctl is-system-running --quiet'), 1)],
      action: 'run',
      commands: [],
    },
  ],
});

interface Awaited {
  /** For people. */
  readonly name: string;
  readonly query: FactQuery;
  /** How it is called when it is there, and when not. */
  readonly words: readonly [string, string];
  readonly isThere: (facts: Facts) => boolean;
  /** What will be different behind the wait. Of a command nobody knows. */
  readonly subject: Subject | undefined;
}

function awaited(spec: WaitForSpec): Awaited {
  if (spec.port !== undefined) return awaitedPort(port(addressOf(spec)));
  if (spec.path !== undefined) return awaitedPath(spec.path);
  const text = spec.cmd ?? '';
  const query = probe(text);
  const isThere = (facts: Facts): boolean => seen(facts, query) === 0;
  return {name: text, query, words: ['succeeds', 'fails'], isThere, subject: undefined};
}

function awaitedPort(query: FactQuery<'open' | 'closed'>): Awaited {
  const isThere = (facts: Facts): boolean => seen(facts, query) === 'open';
  return {name: `port ${query.key}`, query, words: ['open', 'closed'], isThere, subject: query.subject};
}

function awaitedPath(at: string): Awaited {
  const query = stat(at);
  const isThere = (facts: Facts): boolean => seen(facts, query) !== undefined;
  return {name: at, query, words: ['present', 'absent'], isThere, subject: query.subject};
}

const addressOf = ({host, port: number}: WaitForSpec): string =>
  host.includes(':') ? `[${host}]:${number}` : `${host}:${number}`;

const directionOf = ({state}: WaitForSpec): 'present' | 'absent' =>
  state === 'present' || state === 'started' ? 'present' : 'absent';

/** A port that answers is known whole; of a file that will appear only its name is. */
function predictionOf(spec: WaitForSpec): readonly Fact[] {
  const direction = directionOf(spec);
  if (spec.port !== undefined)
    return [fact(port(addressOf(spec)), direction === 'present' ? 'open' : 'closed')];
  if (spec.path !== undefined && direction === 'absent') return [{query: stat(spec.path), answer: ABSENT}];
  return [];
}
