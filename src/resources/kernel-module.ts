import {type KernelModule, kernelModule, moduleName} from '../facts/kernel-module.ts';
import {sysctl} from '../facts/sysctl.ts';
import {ABSENT} from '../model/answer.ts';
import {NOTHING, type NoChange, type PendingChange, type Verdict} from '../model/change.ts';
import {type Fact, type Facts, fact, type Subject} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {ownedFileFacts, ownedFileVerdict, pendingOf, together} from './owned-file.ts';
import {firstUnknown, seen} from './seen.ts';

export interface KernelModuleSpec {
  readonly name: string | readonly string[];
  readonly state: 'present' | 'absent';
  readonly at_boot: boolean;
  readonly params: readonly string[];
}

const NAME = {type: 'string', pattern: '^[A-Za-z0-9_-]+$'};

export default defineResource<KernelModuleSpec>({
  kind: 'kernel_module',
  summary: 'Kernel modules: loaded now and at boot. What is built into the kernel counts as loaded.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'Name of the module, or a list of names.',
        oneOf: [NAME, {type: 'array', minItems: 1, uniqueItems: true, items: NAME}],
      },
      state: {description: '`absent` unloads it.', enum: ['present', 'absent'], default: 'present'},
      at_boot: {
        description: 'Whether `/etc/modules-load.d/NAME.conf` loads it at boot.',
        type: 'boolean',
        default: true,
      },
      params: {
        description:
          'Options of a single module, kept in `/etc/modprobe.d/NAME.conf`; used when it is loaded.',
        type: 'array',
        items: {type: 'string', pattern: '^[^\\s=]+(=\\S*)?$'},
        default: [],
      },
    },
  },

  key: (spec) => `module:${namesOf(spec).map(moduleName).sort().join(',')}`,

  validate: (spec) =>
    spec.params.length > 0 && namesOf(spec).length > 1 ? '"params" needs a single name.' : undefined,

  facts: (spec) =>
    namesOf(spec).flatMap((name) => [
      kernelModule(name),
      ...ownedFileFacts(loadFile(name)),
      ...ownedFileFacts(optionsFile(name)),
    ]),

  diff(spec, facts) {
    const hidden = firstUnknown(facts, namesOf(spec).map(kernelModule));
    if (hidden) return hidden;
    const verdicts = namesOf(spec).flatMap((name) => verdictsOf(spec, name, facts));
    const closed = verdicts.find((verdict) => 'state' in verdict);
    return closed ?? together(pendingOf(verdicts)) ?? nothing(spec, facts);
  },

  mayTouch: (spec) => namesOf(spec).flatMap((name) => touchesOf(name)),

  examples: [
    {
      title: 'loads a module now and at boot',
      spec: {name: 'br_netfilter'},
      facts: [],
      action: 'create',
      commands: ['write /etc/modules-load.d/br_netfilter.conf 0644 root:root', 'modprobe -- br_netfilter'],
    },
    {
      title: 'has nothing to do for what is built into the kernel',
      spec: {name: ['overlay', 'br_netfilter']},
      facts: [fact(kernelModule('overlay'), 'builtin'), fact(kernelModule('br_netfilter'), 'builtin')],
      action: 'none',
      commands: [],
    },
    {
      title: 'unloads a module',
      spec: {name: 'pcspkr', state: 'absent'},
      facts: [fact(kernelModule('pcspkr'), 'loaded')],
      action: 'delete',
      commands: ['modprobe -r -- pcspkr'],
    },
  ],
});

const namesOf = ({name}: KernelModuleSpec): readonly string[] => (typeof name === 'string' ? [name] : name);
const loadFile = (name: string): string => `/etc/modules-load.d/${name}.conf`;
const optionsFile = (name: string): string => `/etc/modprobe.d/${name}.conf`;

function verdictsOf(spec: KernelModuleSpec, name: string, facts: Facts): readonly Verdict[] {
  const found = seen(facts, kernelModule(name));
  const isPresent = spec.state === 'present';
  const isKept = isPresent && spec.at_boot && found !== 'builtin';
  const options =
    isPresent && spec.params.length > 0 ? `options ${name} ${spec.params.join(' ')}\n` : undefined;
  return [
    // Nobody says that options which somebody else wrote are wrong.
    ...(options === undefined && isPresent
      ? []
      : [ownedFileVerdict({path: optionsFile(name), content: options}, facts)]),
    ownedFileVerdict({path: loadFile(name), content: isKept ? `${name}\n` : undefined}, facts),
    move(name, isPresent, found),
  ];
}

function move(name: string, isPresent: boolean, found: KernelModule | undefined): Verdict {
  if (isPresent ? found !== undefined : found !== 'loaded') return NOTHING;
  const change: Omit<PendingChange, 'action' | 'details' | 'steps' | 'predicts'> = {
    impact: 'none',
    touches: touchesOf(name),
    proof: 'facts',
  };
  const attribute = `module ${name}`;
  if (isPresent) {
    return {
      ...change,
      action: 'create',
      details: [{attribute, before: undefined, after: 'loaded'}],
      steps: [sh`modprobe -- ${name}`],
      predicts: [fact(kernelModule(name), 'loaded'), ...(PREDICTED.get(moduleName(name)) ?? [])],
    };
  }
  return {
    ...change,
    action: 'delete',
    details: [{attribute, before: 'loaded', after: undefined}],
    steps: [sh`modprobe -r -- ${name}`],
    predicts: [{query: kernelModule(name), answer: ABSENT}],
  };
}

function nothing(spec: KernelModuleSpec, facts: Facts): NoChange {
  if (spec.state === 'present') return NOTHING;
  const builtin = namesOf(spec).filter((name) => seen(facts, kernelModule(name)) === 'builtin');
  const findings = builtin.map((name) => ({
    severity: 'warning' as const,
    message: `${name} is a part of the kernel and cannot be unloaded.`,
  }));
  return findings.length === 0 ? NOTHING : {action: 'none', findings};
}

/** The kernel parameters that come with a module, by their last words. */
const BRINGS: ReadonlyMap<string, readonly string[]> = new Map([
  ['br_netfilter', ['arptables', 'ip6tables', 'iptables'].map((each) => `net.bridge.bridge-nf-call-${each}`)],
  [
    'nf_conntrack',
    ['max', 'buckets', 'tcp_timeout_established', 'tcp_timeout_close_wait', 'tcp_be_liberal'].map(
      (each) => `net.netfilter.nf_conntrack_${each}`,
    ),
  ],
]);

/** All calls of br_netfilter are on when it is loaded. */
const PREDICTED: ReadonlyMap<string, readonly Fact[]> = new Map([
  ['br_netfilter', (BRINGS.get('br_netfilter') ?? []).map((name) => fact(sysctl(name), '1'))],
]);

const touchesOf = (name: string): readonly Subject[] => [
  `module:${moduleName(name)}`,
  `path:${loadFile(name)}`,
  `path:${optionsFile(name)}`,
  ...(BRINGS.get(moduleName(name)) ?? []).map((each) => `sysctl:${each}` as const),
];
