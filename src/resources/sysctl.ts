import type {Script} from '../base/script.ts';
import {type SysctlLine, singleBlanks, sysctl, sysctlAtBoot, sysctlPath} from '../facts/sysctl.ts';
import {type ChangeDetail, NOTHING, type NoChange, type PendingChange} from '../model/change.ts';
import {type Fact, type Facts, fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {firstUnknown, seen} from './seen.ts';

export interface SysctlSpec {
  readonly name?: string;
  readonly value?: string | number;
  readonly values: Readonly<Record<string, string | number>>;
  readonly state: 'present' | 'absent';
  readonly sysctl_file: string;
  readonly ignoreerrors: boolean;
}

const NAME = '^[A-Za-z0-9_][A-Za-z0-9_./:@-]*$';
const VALUE = {type: ['string', 'integer'], pattern: '^[^\\n\\u0000]*$'};
const FILE = '/etc/sysctl.d/99-provision.conf';

/** The step that keeps lines in a file, as the examples show it. */
const kept = (file: string, lines: string, others: string): string =>
  `mkdir -p /etc/sysctl.d && file=$(readlink -f ${file}) && touch "$file" &&
{ sed -E ${others} "$file"; printf '%s\\n' ${lines}; } >"$file.provision" &&
chmod 0644 "$file.provision" && mv -f "$file.provision" "$file"`;

export default defineResource<SysctlSpec>({
  kind: 'sysctl',
  summary: 'Kernel parameters: their values now, and the lines of a file that set them at boot.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: {description: 'Name of one parameter: `net.ipv4.ip_forward`.', type: 'string', pattern: NAME},
      value: {description: 'Its value.', ...VALUE},
      values: {
        description: 'Several parameters at once, by name.',
        type: 'object',
        propertyNames: {pattern: NAME},
        additionalProperties: VALUE,
        default: {},
      },
      state: {
        description: '`absent` removes the lines; the kernel keeps the values until it boots.',
        enum: ['present', 'absent'],
        default: 'present',
      },
      sysctl_file: {
        description:
          'The file that keeps them. Only the lines of these parameters are ours, so tasks may share it.',
        type: 'string',
        pattern: '^/etc/sysctl(\\.d/[A-Za-z0-9._@-]+)?\\.conf$',
        default: FILE,
      },
      ignoreerrors: {
        description: 'Whether a parameter that the kernel does not know is only written to the file.',
        type: 'boolean',
        default: false,
      },
    },
  },

  key: (spec) => `sysctl:${Object.keys(wantedOf(spec)).sort().join(',')}`,

  validate({name, value, values, state}) {
    if (name === undefined && Object.keys(values).length === 0) return 'It needs "name", or "values".';
    if (name !== undefined && value === undefined && state === 'present')
      return 'It needs "value" beside "name".';
    return name === undefined && value !== undefined ? '"value" needs "name".' : undefined;
  },

  facts: (spec) => Object.keys(wantedOf(spec)).flatMap((name) => [sysctl(name), sysctlAtBoot(name)]),

  diff(spec, facts) {
    const names = Object.keys(wantedOf(spec));
    const hidden = firstUnknown(facts, [
      ...names.map(sysctlAtBoot),
      ...(spec.state === 'present' ? names.map(sysctl) : []),
    ]);
    if (hidden) return hidden;
    const found = Object.entries(wantedOf(spec)).map((pair) => lookAt(spec, pair, facts));
    const wrong = found.filter(({line, live}) => line || live === 'wrong');
    return wrong.length === 0 ? nothing(found) : changeOf(spec, wrong);
  },

  mayTouch: (spec) => touchesOf(spec, Object.keys(wantedOf(spec))),

  examples: [
    {
      title: 'sets a parameter now and at boot',
      spec: {name: 'net.ipv4.ip_forward', value: 1},
      facts: [fact(sysctl('net.ipv4.ip_forward'), '0'), fact(sysctlAtBoot('net.ipv4.ip_forward'), [])],
      action: 'create',
      commands: [
        kept(
          FILE,
          "'net.ipv4.ip_forward = 1'",
          "'\\|^[[:space:]]*-?[[:space:]]*net[./]ipv4[./]ip_forward[[:space:]]*=|d'",
        ),
        "printf '%s\\n' 1 >/proc/sys/net/ipv4/ip_forward",
      ],
    },
    {
      title: 'leaves right values alone, whatever blanks the kernel puts between numbers',
      spec: {values: {'net.ipv4.ip_local_port_range': '32768  60999'}},
      facts: [
        fact(sysctl('net.ipv4.ip_local_port_range'), '32768 60999'),
        fact(sysctlAtBoot('net.ipv4.ip_local_port_range'), [{file: FILE, value: '32768 60999'}]),
      ],
      action: 'none',
      commands: [],
    },
    {
      title: 'writes only the file for a parameter that the kernel does not know, where that is allowed',
      spec: {name: 'kernel.unknown', value: 1, ignoreerrors: true},
      facts: [fact(sysctlAtBoot('kernel.unknown'), [])],
      action: 'create',
      commands: [
        kept(
          FILE,
          "'kernel.unknown = 1'",
          "'\\|^[[:space:]]*-?[[:space:]]*kernel[./]unknown[[:space:]]*=|d'",
        ),
        "[ ! -e /proc/sys/kernel/unknown ] || printf '%s\\n' 1 >/proc/sys/kernel/unknown",
      ],
    },
  ],
});

interface Found {
  readonly name: string;
  readonly value: string;
  /** Whether the line in our file must be written or removed. */
  readonly line: boolean;
  readonly live: 'right' | 'wrong' | 'missing' | 'left';
  readonly now: string | undefined;
  readonly atBoot: string | undefined;
  readonly others: readonly SysctlLine[];
  /** A file that is read behind ours and says something else. */
  readonly overruledBy: string | undefined;
}

const wantedOf = ({name, value, values}: SysctlSpec): Readonly<Record<string, string | number>> =>
  name === undefined ? values : {...values, [name]: value ?? ''};

function lookAt(spec: SysctlSpec, [name, wanted]: [string, string | number], facts: Facts): Found {
  const value = singleBlanks(String(wanted));
  const all = seen(facts, sysctlAtBoot(name)) ?? [];
  const ours = all.filter(({file}) => file === spec.sysctl_file).map((line) => line.value);
  const winner = all.at(-1);
  const isOurs = winner?.file === spec.sysctl_file || winner?.value === value;
  const isPresent = spec.state === 'present';
  const now = isPresent ? seen(facts, sysctl(name)) : undefined;
  const missing = spec.ignoreerrors ? 'missing' : 'wrong';
  return {
    name,
    value,
    line: isPresent ? ours.length !== 1 || ours[0] !== value : ours.length > 0,
    live: !isPresent ? 'left' : now === undefined ? missing : now === value ? 'right' : 'wrong',
    now,
    atBoot: ours.at(-1),
    others: all.filter(({file}) => file !== spec.sysctl_file),
    overruledBy: isPresent && ours.length > 0 && !isOurs ? winner?.file : undefined,
  };
}

function nothing(found: readonly Found[]): NoChange {
  const findings = found
    .filter(({overruledBy}) => overruledBy !== undefined)
    .map(({name, overruledBy}) => ({
      severity: 'warning' as const,
      message: `${name} will have another value after a boot: ${overruledBy} is read later and sets it.`,
    }));
  return findings.length === 0 ? NOTHING : {action: 'none', findings};
}

function changeOf(spec: SysctlSpec, wrong: readonly Found[]): PendingChange {
  const lines = wrong.filter(({line}) => line);
  const isNew = lines.length > 0 && lines.every(({atBoot}) => atBoot === undefined);
  return {
    action: spec.state === 'absent' ? 'delete' : isNew ? 'create' : 'update',
    details: wrong.flatMap((each) => detailsOf(spec, each)),
    impact: 'none',
    steps: [
      ...(lines.length === 0 ? [] : [keep(spec, lines)]),
      ...wrong.filter(({live}) => live === 'wrong' || live === 'missing').map(set),
    ],
    touches: touchesOf(
      spec,
      wrong.map(({name}) => name),
    ),
    predicts: wrong.flatMap((each) => predicted(spec, each)),
    proof: 'facts',
  };
}

const touchesOf = ({sysctl_file: file}: SysctlSpec, names: readonly string[]) => [
  `path:${file}` as const,
  ...names.map((name) => `sysctl:${name}` as const),
];

function detailsOf(spec: SysctlSpec, {name, value, live, now, line, atBoot}: Found): readonly ChangeDetail[] {
  const after = spec.state === 'present' ? value : undefined;
  return [
    ...(live === 'wrong' ? [{attribute: name, before: now, after}] : []),
    ...(line ? [{attribute: `${name} in ${spec.sysctl_file}`, before: atBoot, after}] : []),
  ];
}

function predicted(
  {state, sysctl_file: file}: SysctlSpec,
  {name, value, live, overruledBy, others}: Found,
): readonly Fact[] {
  if (state === 'absent' || live === 'missing' || overruledBy !== undefined) return [];
  return [fact(sysctl(name), value), fact(sysctlAtBoot(name), [...others, {file, value}])];
}

/** Replaces the lines of these parameters and of no others. The file is complete at any instant. */
function keep({sysctl_file: file, state}: SysctlSpec, found: readonly Found[]): Script {
  const others = found
    .map(({name}) => `\\|^[[:space:]]*-?[[:space:]]*${patternOf(name)}[[:space:]]*=|d`)
    .join('\n');
  const lines = state === 'present' ? found.map(({name, value}) => `${name} = ${value}`) : [];
  const emptied = state === 'present' ? sh`` : sh` && { [ -s "$file" ] || rm -f -- "$file"; }`;
  const added = lines.length === 0 ? sh`` : sh`; printf '%s\\n' ${lines}`;
  return sh`mkdir -p /etc/sysctl.d && file=$(readlink -f ${file}) && touch "$file" &&
{ sed -E ${others} "$file"${added}; } >"$file.provision" &&
chmod 0644 "$file.provision" && mv -f "$file.provision" "$file"${emptied}`;
}

/** sysctl takes dots and slashes for each other. */
const patternOf = (name: string): string => name.replace(/[./]/g, '[./]');

function set({name, value, live}: Found): Script {
  const path = sysctlPath(name);
  const write = sh`printf '%s\\n' ${value} >${path}`;
  return live === 'missing' ? sh`[ ! -e ${path} ] || ${write}` : write;
}
