import {type Swap, swap} from '../facts/swap.ts';
import {unit, unitFile} from '../facts/unit.ts';
import {type ChangeDetail, NOTHING} from '../model/change.ts';
import {type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import type {Step} from '../model/step.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {firstUnknown, seen} from './seen.ts';

export interface SwapSpec {
  readonly state: 'off';
}

/** Without its target, systemd uses no swap at boot: neither what a generator found nor compressed memory. */
const TARGET = 'swap.target';
/** Debian's compressed memory is a service that swaps on by itself. */
const ZRAM = 'zramswap.service';

export default defineResource<SwapSpec>({
  kind: 'swap',
  summary: 'No swap: off now, out of /etc/fstab, and not brought back by systemd at boot.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      state: {description: 'Swap can only be switched off.', enum: ['off'], default: 'off'},
    },
  },

  key: () => 'swap:host',
  facts: (_spec, profile) => factsOf(profile),

  diff(_spec, facts, {profile}) {
    const hidden = firstUnknown(facts, factsOf(profile));
    if (hidden) return hidden;
    const problems = problemsIn(seen(facts, swap()), profile, facts);
    if (problems.length === 0) return NOTHING;
    return {
      action: 'update',
      details: problems.map(({detail}) => detail),
      impact: 'none',
      steps: problems.map(({step}) => step),
      touches: TOUCHES,
      predicts: [fact(swap(), {active: [], fstab: []})],
      proof: 'facts',
    };
  },

  mayTouch: () => TOUCHES,

  examples: [
    {
      title: 'switches swap off, now and at boot',
      spec: {},
      facts: [
        fact(swap(), {active: ['/dev/sda2'], fstab: ['UUID=1b5 none swap sw 0 0']}),
        fact(unitFile(TARGET), {load: 'loaded', enabled: 'static', needsReload: false, passing: false}),
        fact(unitFile(ZRAM), {load: 'not-found', enabled: '', needsReload: false, passing: false}),
        fact(unit(ZRAM), {active: 'inactive', sub: 'dead', result: 'success', invocation: ''}),
      ],
      action: 'update',
      commands: [
        'systemctl mask -- swap.target',
        "sed -i -E 's/^[[:space:]]*[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$)/# &/' /etc/fstab",
        'swapoff -a',
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
  init === 'systemd' ? [swap(), unitFile(TARGET), unitFile(ZRAM), unit(ZRAM)] : [swap()];

interface Problem {
  readonly detail: ChangeDetail;
  readonly step: Step;
}

/** What would bring swap back goes first, so that a run that dies in between leaves less to do. */
function problemsIn(found: Swap | undefined, {init}: HostProfile, facts: Facts): readonly Problem[] {
  const {active = [], fstab = []} = found ?? {};
  return [
    ...(init === 'systemd' ? unitProblems(facts) : []),
    ...(fstab.length === 0 ? [] : [{detail: gone('/etc/fstab', fstab), step: COMMENT_OUT}]),
    ...(active.length === 0 ? [] : [{detail: gone('swap', active), step: sh`swapoff -a`}]),
  ];
}

function unitProblems(facts: Facts): readonly Problem[] {
  const isMasked = seen(facts, unitFile(TARGET))?.enabled === 'masked';
  const isZram =
    seen(facts, unitFile(ZRAM))?.enabled === 'enabled' || seen(facts, unit(ZRAM))?.active === 'active';
  return [
    ...(isMasked ? [] : [{detail: changed(TARGET, 'masked'), step: sh`systemctl mask -- ${TARGET}`}]),
    ...(isZram ? [{detail: changed(ZRAM, 'disabled'), step: sh`systemctl disable --now -- ${ZRAM}`}] : []),
  ];
}

const COMMENT_OUT = sh`sed -i -E 's/^[[:space:]]*[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$)/# &/' /etc/fstab`;

const changed = (attribute: string, after: string): ChangeDetail => ({attribute, before: undefined, after});
const gone = (attribute: string, before: readonly string[]): ChangeDetail => ({
  attribute,
  before: before.join(', '),
  after: undefined,
});

const TOUCHES: readonly Subject[] = [
  'swap:host',
  'path:/etc/fstab',
  `unit:${TARGET}`,
  `unit:${ZRAM}`,
  `path:/etc/systemd/system/${TARGET}`,
];
