import {type FilterPart, packetFilter} from '../facts/packet-filter.ts';
import {NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {withoutParts} from './packet-filter/steps.ts';
import {firstUnknown, seen} from './seen.ts';

interface PacketFilterSpec {
  readonly chains: readonly string[];
  readonly tables: readonly string[];
  readonly state: 'absent';
}

const FOUND: readonly FilterPart[] = [
  {tool: 'nft', family: 'ip', table: 'kube-proxy', chain: ''},
  {tool: 'nft', family: 'ip', table: 'filter', chain: 'KUBE-FIREWALL'},
];

export default defineResource<PacketFilterSpec>({
  kind: 'packet_filter',
  summary:
    'Chains of iptables and tables of nft that nobody needs any more. All others stay, with their rules and counters.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      chains: {
        description: 'How the names of chains begin that go, with the rules that lead into them.',
        type: 'array',
        items: {type: 'string', pattern: '^[A-Za-z0-9_-]+$'},
        default: [],
      },
      tables: {
        description: "nft's tables that go, each as its family and its name: `ip kube-proxy`.",
        type: 'array',
        items: {type: 'string', pattern: '^(ip|ip6|inet|arp|bridge|netdev) [A-Za-z0-9_.-]+$'},
        default: [],
      },
      state: {description: 'They can only be absent.', enum: ['absent'], default: 'absent'},
    },
  },

  key: ({chains, tables}) => `packet_filter:${[...chains, ...tables].join(',')}`,
  validate: ({chains, tables}) =>
    chains.length + tables.length === 0 ? 'It needs `chains`, or `tables`.' : undefined,
  facts: () => [packetFilter()],

  diff(spec, facts) {
    const hidden = firstUnknown(facts, [packetFilter()]);
    if (hidden) return hidden;
    const parts = (seen(facts, packetFilter()) ?? []).filter((part) => isMeant(spec, part));
    if (parts.length === 0) return NOTHING;
    return {
      action: 'delete',
      details: parts.map((part) => ({attribute: nameOf(part), before: 'there', after: undefined})),
      impact: 'none',
      steps: [withoutParts(spec)],
      touches: ['packet_filter:host'],
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: () => ['packet_filter:host'],

  examples: [
    {
      title: 'removes what has a prefix, and a table',
      spec: {chains: ['KUBE-'], tables: ['ip kube-proxy']},
      facts: [fact(packetFilter(), FOUND)],
      action: 'delete',
      commands: ['remove chains KUBE-* and tables ip kube-proxy from the packet filter'],
    },
    {
      title: 'leaves alone what has another name',
      spec: {chains: ['FLANNEL-'], tables: ['inet flannel']},
      facts: [fact(packetFilter(), FOUND)],
      action: 'none',
      commands: [],
    },
  ],
});

function isMeant({chains, tables}: PacketFilterSpec, {tool, family, table, chain}: FilterPart): boolean {
  if (chain === '') return tool === 'nft' && tables.includes(`${family} ${table}`);
  const isOfTables = tool === 'nft' && tables.includes(`${family} ${table}`);
  return !isOfTables && chains.some((prefix) => chain.startsWith(prefix));
}

const nameOf = ({tool, family, table, chain}: FilterPart): string =>
  [tool, family, table, chain].filter((word) => word !== '').join(' ');
