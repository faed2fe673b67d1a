import type {Script} from '../base/script.ts';
import {content} from '../facts/content.ts';
import {followed} from '../facts/stat.ts';
import {type Swap, swap} from '../facts/swap.ts';
import {unit, unitFile} from '../facts/unit.ts';
import type {Unknown} from '../model/answer.ts';
import {type ChangeDetail, NOTHING, type Verdict} from '../model/change.ts';
import {type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import {sh} from '../shell/sh.ts';
import {wantedOf} from './attributes.ts';
import {defineResource} from './define.ts';
import {directoryFacts, downTo, making, missingOf} from './directories.ts';
import {firstUnknown, seen} from './seen.ts';

export interface SwapSpec {
  readonly state: 'off' | 'restored';
}

/** Without its target, systemd uses no swap at boot: neither what a generator found nor compressed memory. */
const TARGET = 'swap.target';
const COMMENT_OUT = sh`sed -i -E 's/^[[:space:]]*[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$)/#provision &/' /etc/fstab`;
const HOME = '/var/lib/provision';
/** What was done, so that it can be undone. */
const RECORD = `${HOME}/swap`;
const OWNED = {owner: 'root', group: 'root', mode: '0755'} as const;
/** Debian's compressed memory is a service that swaps on by itself. */
const ZRAM = 'zramswap.service';
const DIRECTORY = {type: 'directory', mode: '0755', owner: 0, group: 0} as const;

export default defineResource<SwapSpec>({
  kind: 'swap',
  summary:
    'No swap: off now, out of /etc/fstab, and not brought back by systemd at boot. Or again as it was.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      state: {
        description: '`restored` brings back what `off` took away, and nothing else.',
        enum: ['off', 'restored'],
        default: 'off',
      },
    },
  },

  key: () => 'swap:host',
  facts: ({state}, profile) => (state === 'off' ? factsOf(profile) : [content(RECORD)]),

  diff({state}, facts, {profile}) {
    const hidden = firstUnknown(facts, state === 'off' ? factsOf(profile) : [content(RECORD)]);
    if (hidden) return hidden;
    if (state === 'restored') return restoring(seen(facts, content(RECORD)));
    const problems = problemsIn(seen(facts, swap()), profile, facts);
    if (problems.length === 0) return NOTHING;
    const home = problems.some(({word}) => word !== undefined) ? homeFor(facts) : NO_DIRECTORIES;
    if ('state' in home) return home;
    return {
      action: 'update',
      details: problems.map(({detail}) => detail),
      impact: 'none',
      steps: [...home.steps, ...problems.map(({word, step}) => (word ? recorded(word, step) : step))],
      touches: [...TOUCHES, ...home.touches],
      predicts: [fact(swap(), {active: [], fstab: []}), ...home.predicts],
      proof: 'facts',
    };
  },

  mayTouch: ({state}) => [
    ...TOUCHES,
    ...(state === 'off' ? downTo(HOME).map((path): Subject => `path:${path}`) : []),
  ],

  examples: [
    {
      title: 'switches swap off, now and at boot',
      spec: {},
      facts: [
        ...['/var', '/var/lib'].map((each) => fact(followed(each), DIRECTORY)),
        fact(swap(), {active: ['/dev/sda2'], fstab: ['UUID=1b5 none swap sw 0 0']}),
        fact(unitFile(TARGET), {load: 'loaded', enabled: 'static', needsReload: false, passing: false}),
        fact(unitFile(ZRAM), {load: 'not-found', enabled: '', needsReload: false, passing: false}),
        fact(unit(ZRAM), {active: 'inactive', sub: 'dead', result: 'success', invocation: ''}),
      ],
      action: 'update',
      commands: [
        `mkdir -m 00755 -- ${HOME}`,
        `chown root:root -- ${HOME}`,
        `echo swap.target >>${RECORD} && systemctl mask -- swap.target`,
        `echo fstab >>${RECORD} && ${COMMENT_OUT.display}`,
        'swapoff -a',
      ],
    },
    {
      title: 'brings back what was taken away',
      spec: {state: 'restored'},
      facts: [fact(content(RECORD), 'swap.target\nfstab\n')],
      action: 'update',
      commands: [
        'systemctl unmask -- swap.target',
        "sed -i 's/^#provision //' /etc/fstab",
        `swapon -a && rm -f -- ${RECORD}`,
      ],
    },
    {
      title: 'has nothing to do without swap',
      spec: {},
      facts: [
        fact(swap(), {active: [], fstab: []}),
        fact(unitFile(TARGET), {load: 'masked', enabled: 'masked', needsReload: false, passing: false}),
      ],
      action: 'none',
      commands: [],
    },
  ],
});

const factsOf = ({init}: HostProfile): readonly FactQuery[] =>
  init === 'systemd'
    ? [swap(), unitFile(TARGET), unitFile(ZRAM), unit(ZRAM), ...directoryFacts(HOME)]
    : [swap(), ...directoryFacts(HOME)];

interface Problem {
  readonly detail: ChangeDetail;
  /** Under which it is noted, where it can be undone. */
  readonly word?: string;
  readonly step: Script;
}

/** Where notes are. */
function homeFor(facts: Facts): ReturnType<typeof making> | Unknown {
  const wanted = wantedOf(OWNED, facts, {bits: 0o755, isDirectory: true});
  if ('state' in wanted) return wanted;
  const missing = missingOf(downTo(HOME), facts);
  return 'state' in missing ? missing : making(missing, wanted, OWNED);
}

const NO_DIRECTORIES: ReturnType<typeof making> = {steps: [], touches: [], predicts: []};

/** What would bring swap back goes first, so that a run that dies in between leaves less to do. */
function problemsIn(found: Swap | undefined, {init}: HostProfile, facts: Facts): readonly Problem[] {
  const {active = [], fstab = []} = found ?? {};
  return [
    ...(init === 'systemd' ? unitProblems(facts) : []),
    ...(fstab.length === 0 ? [] : [{detail: gone('/etc/fstab', fstab), word: 'fstab', step: COMMENT_OUT}]),
    ...(active.length === 0 ? [] : [{detail: gone('swap', active), step: sh`swapoff -a`}]),
  ];
}

function unitProblems(facts: Facts): readonly Problem[] {
  const isMasked = seen(facts, unitFile(TARGET))?.enabled === 'masked';
  const isZram =
    seen(facts, unitFile(ZRAM))?.enabled === 'enabled' || seen(facts, unit(ZRAM))?.active === 'active';
  return [
    ...(isMasked
      ? []
      : [{detail: changed(TARGET, 'masked'), word: TARGET, step: sh`systemctl mask -- ${TARGET}`}]),
    ...(isZram
      ? [{detail: changed(ZRAM, 'disabled'), word: ZRAM, step: sh`systemctl disable --now -- ${ZRAM}`}]
      : []),
  ];
}

/** What is done is noted first, a word a line. */
const recorded = (word: string, step: Script): Script => sh`echo ${word} >>${RECORD} && ${step}`;

/** What was noted is undone, and the note goes last. */
function restoring(record: string | undefined): Verdict {
  const words = new Set(record?.split('\n').filter((word) => word !== ''));
  if (words.size === 0) return NOTHING;
  return {
    action: 'update',
    details: [{attribute: 'swap', before: 'off', after: [...words].join(', ')}],
    impact: 'none',
    steps: [
      ...(words.has(TARGET) ? [sh`systemctl unmask -- ${TARGET}`] : []),
      ...(words.has(ZRAM) ? [sh`systemctl enable --now -- ${ZRAM}`] : []),
      ...(words.has('fstab') ? [sh`sed -i 's/^#provision //' /etc/fstab`] : []),
      sh`swapon -a && rm -f -- ${RECORD}`,
    ],
    touches: TOUCHES,
    predicts: [],
    proof: 'facts',
  };
}

const changed = (attribute: string, after: string): ChangeDetail => ({attribute, before: undefined, after});
const gone = (attribute: string, before: readonly string[]): ChangeDetail => ({
  attribute,
  before: before.join(', '),
  after: undefined,
});

const TOUCHES: readonly Subject[] = [
  'swap:host',
  `path:${RECORD}`,
  'path:/etc/fstab',
  `unit:${TARGET}`,
  `unit:${ZRAM}`,
  `path:/etc/systemd/system/${TARGET}`,
];
