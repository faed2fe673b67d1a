import type {Script} from '../base/script.ts';
import {type HostsLine, hosts} from '../facts/hosts.ts';
import {NOTHING, type PendingChange} from '../model/change.ts';
import {type Facts, fact, type Subject} from '../model/fact.ts';
import {display} from '../model/step.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {firstUnknown, seen} from './seen.ts';

export interface HostsEntrySpec {
  readonly address: string;
  readonly names: readonly string[];
  readonly state: 'present' | 'absent';
}

/** Takes the names out of all lines that they must not be in, and adds the line that they must. */
const PROGRAM = sh`BEGIN { split(ENVIRON["names"], list, " "); for (i in list) ours[list[i]]; wanted = ENVIRON["state"] == "present"
  address = ENVIRON["address"]; v6 = index(address, ":") > 0 }
{ text = $0; comment = ""; if (at = index(text, "#")) { comment = " " substr(text, at); text = substr(text, 1, at - 1) }
  count = split(text, word, " "); kept = word[1]; hit = 0
  for (i = 2; i <= count; i++) if (word[i] in ours) hit = 1; else kept = kept " " word[i]
  if (!hit || (wanted ? (index(word[1], ":") > 0) != v6 : word[1] != address)) print
  else if (kept != word[1]) print kept comment }
END { if (wanted) print address, ENVIRON["names"] }`;

/** In containers /etc/hosts is often a mount of its own, which cannot be replaced but written. */
const edit = ({address, names, state}: HostsEntrySpec): Script =>
  sh`touch /etc/hosts && cp -p /etc/hosts /etc/hosts.provision &&
address=${address} names=${names.join(' ')} state=${state} awk '${PROGRAM}' /etc/hosts >/etc/hosts.provision &&
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
        description: '`absent` takes the names from that address.',
        enum: ['present', 'absent'],
        default: 'present',
      },
    },
  },

  key: ({address, names}) => `hosts:${names[0]}/${familyOf(address)}`,
  facts: ({names}) => names.map(hosts),

  diff(spec, facts) {
    const hidden = firstUnknown(facts, spec.names.map(hosts));
    if (hidden) return hidden;
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
