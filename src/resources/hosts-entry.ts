import type {Script} from '../base/script.ts';
import {content} from '../facts/content.ts';
import {type HostsLine, hosts} from '../facts/hosts.ts';
import {NOTHING, type PendingChange, type Verdict} from '../model/change.ts';
import {type Facts, fact, type Subject} from '../model/fact.ts';
import {display} from '../model/step.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {firstUnknown, seen} from './seen.ts';

export interface HostsEntrySpec {
  readonly address: string;
  readonly names: readonly string[];
  readonly state: 'present' | 'absent' | 'restored';
}

const FILE = '/etc/hosts';

/**
 * Takes the names out of all lines that they must not be in, and adds the line that they must. What it takes away
 * for the first time stays as a comment, and what it adds is marked, so that both can be undone.
 */
const PROGRAM = sh`function read(line) {
  comment = ""; if (at = index(line, "#")) { comment = " " substr(line, at); line = substr(line, 1, at - 1) }
  count = split(line, word, " "); kept = word[1]; hit = 0
  for (i = 2; i <= count; i++) if (word[i] in ours) hit = 1; else kept = kept " " word[i]
}
BEGIN { split(ENVIRON["names"], list, " "); for (i in list) ours[list[i]]; state = ENVIRON["state"]
  address = ENVIRON["address"]; v6 = index(address, ":") > 0 }
{ text = $0; noted = sub(/^#provision /, "", text); read(text); added = !noted && hit && comment == " # provision" }
NR == FNR { if (noted && hit) known = 1; next }
state == "restored" && noted && hit { print text; rest = kept == word[1] ? "" : kept comment; next }
state == "restored" && (added || (rest != "" && $0 == rest)) { rest = ""; next }
noted || !hit || state == "restored" { print; next }
state == "present" ? (index(word[1], ":") > 0) != v6 : word[1] != address { print; next }
{ if (!added && !known && state == "present") print "#provision " $0; if (kept != word[1]) print kept comment }
END { if (state == "present") print address, ENVIRON["names"], "# provision" }`;

/** In containers /etc/hosts is often a mount of its own, which cannot be replaced but written. */
const edit = ({address, names, state}: HostsEntrySpec): Script =>
  sh`touch /etc/hosts && cp -p /etc/hosts /etc/hosts.provision &&
address=${address} names=${names.join(' ')} state=${state} awk '${PROGRAM}' /etc/hosts /etc/hosts >/etc/hosts.provision &&
{ mv -f /etc/hosts.provision /etc/hosts 2>/dev/null || { cat /etc/hosts.provision >/etc/hosts && rm /etc/hosts.provision; }; }`;

export default defineResource<HostsEntrySpec>({
  kind: 'hosts_entry',
  summary:
    'A line of /etc/hosts. Its names mean no other address of that family; all else in the file is left alone.',

  schema: {
    type: 'object',
    required: ['address', 'names'],
    additionalProperties: false,
    properties: {
      address: {
        description: 'An IPv4 or IPv6 address.',
        type: 'string',
        anyOf: [{format: 'ipv4'}, {format: 'ipv6'}],
      },
      names: {
        description: 'The names, the canonical one first.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: {type: 'string', pattern: '^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$'},
      },
      state: {
        description:
          '`absent` takes the names from that address. `restored` takes away the line that it added, and brings back what ' +
          'it took away for it.',
        enum: ['present', 'absent', 'restored'],
        default: 'present',
      },
    },
  },

  key: ({address, names}) => `hosts:${names[0]}/${familyOf(address)}`,
  facts: ({names, state}) => [...names.map(hosts), ...(state === 'restored' ? [content(FILE)] : [])],

  diff(spec, facts) {
    const hidden = firstUnknown(facts, [
      ...spec.names.map(hosts),
      ...(spec.state === 'restored' ? [content(FILE)] : []),
    ]);
    if (hidden) return hidden;
    if (spec.state === 'restored') return restoring(spec, seen(facts, content(FILE)) ?? '');
    const found = spec.names.map((name) => linesWith(name, spec, facts));
    const isRight = found.every((lines) =>
      spec.state === 'absent'
        ? lines.length === 0
        : lines.length === 1 && lines.every((line) => textOf(line) === textOf(spec)),
    );
    return isRight ? NOTHING : changeOf(spec, found.flat(), facts);
  },

  examples: [
    {
      title: 'adds a line',
      spec: {address: '10.0.0.11', names: ['cp1', 'cp1.example.com']},
      facts: ['cp1', 'cp1.example.com'].map((name) => fact(hosts(name), [])),
      action: 'create',
      commands: [display(edit({address: '10.0.0.11', names: ['cp1', 'cp1.example.com'], state: 'present'}))],
    },
    {
      title: 'leaves a right line alone',
      spec: {address: '10.0.0.11', names: ['cp1']},
      facts: [fact(hosts('cp1'), [{address: '10.0.0.11', names: ['cp1']}])],
      action: 'none',
      commands: [],
    },
    {
      title: 'moves a name from its old address',
      spec: {address: '10.0.0.11', names: ['cp1']},
      facts: [fact(hosts('cp1'), [{address: '127.0.1.1', names: ['cp1', 'old']}])],
      action: 'update',
      commands: [display(edit({address: '10.0.0.11', names: ['cp1'], state: 'present'}))],
    },
  ],
});

/** Lines that were added or commented out for one of the names, as the program knows them. */
function restoring(spec: HostsEntrySpec, text: string): Verdict {
  const marked = text.split('\n').filter((line) => {
    const names = line
      .replace(/^#provision /, '')
      .replace(/#.*/, '')
      .split(/\s+/)
      .slice(1);
    const isMarked = line.startsWith('#provision ') || line.endsWith(' # provision');
    return isMarked && names.some((name) => spec.names.includes(name));
  });
  if (marked.length === 0) return NOTHING;
  return {
    action: 'update',
    details: [{attribute: FILE, before: marked.join('; '), after: 'as before'}],
    impact: 'none',
    steps: [edit(spec)],
    touches: [`path:${FILE}`, ...spec.names.map((name): Subject => `hosts:${name}`)],
    predicts: [],
    proof: 'facts',
  };
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

/** The lines with a name that this entry has a say in: those of its family, or of its address to remove it. */
function linesWith(name: string, {address, state}: HostsEntrySpec, facts: Facts): readonly HostsLine[] {
  const all = seen(facts, hosts(name)) ?? [];
  if (state === 'absent') return all.filter((line) => line.address === address);
  return all.filter((line) => familyOf(line.address) === familyOf(address));
}

const textOf = ({address, names}: HostsLine): string => [address, ...names].join(' ');

function changeOf(spec: HostsEntrySpec, found: readonly HostsLine[], facts: Facts): PendingChange {
  const {address, names, state} = spec;
  const before = [...new Set(found.map(textOf))].join('; ') || undefined;
  return {
    action: state === 'absent' ? 'delete' : found.length === 0 ? 'create' : 'update',
    details: [{attribute: '/etc/hosts', before, after: state === 'present' ? textOf(spec) : undefined}],
    impact: 'none',
    steps: [edit(spec)],
    touches: ['path:/etc/hosts', ...namesIn(names, found)],
    predicts: names.map((name) => {
      const others = (seen(facts, hosts(name)) ?? []).filter(
        (line) => !linesWith(name, spec, facts).includes(line),
      );
      return fact(hosts(name), state === 'present' ? [...others, {address, names}] : others);
    }),
    proof: 'facts',
  };
}

const namesIn = (names: readonly string[], found: readonly HostsLine[]): readonly Subject[] =>
  [...new Set([...names, ...found.flatMap((line) => line.names)])].map((name): Subject => `hosts:${name}`);
