import type {Script} from '../base/script.ts';
import {routes, type StaticRoute} from '../facts/routes.ts';
import {NOTHING, type Verdict} from '../model/change.ts';
import {type Facts, fact, type Subject} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {ownedFileFacts, ownedFileVerdict, pendingOf, together} from './owned-file.ts';
import {path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface RoutesSpec {
  readonly routes: string | readonly string[];
  readonly protocol: number;
  readonly file: string;
  readonly state: 'present' | 'absent';
}

/** A network with its prefix, and how packets get there. */
const LINE = /^(\S+\/\d+) via (\S+)(?: dev (\S+))?$/;
const FILE = '/etc/routes.d/office';
const OFFICE: StaticRoute = {to: '10.9.0.0/16', via: '192.0.2.9', interface: 'eth0'};

export default defineResource<RoutesSpec>({
  kind: 'routes',
  summary:
    'Static routes, as a set: these and no others are kept under a number of their own, now and in a file for the boot.',

  schema: {
    type: 'object',
    required: ['routes', 'protocol', 'file'],
    additionalProperties: false,
    properties: {
      routes: {
        description:
          'The routes, as a text with one on each line or as a list: `10.9.0.0/16 via 192.0.2.9`, and `dev eth0` behind it where the interface matters.',
        anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}],
      },
      protocol: {
        description:
          'The number under which the kernel keeps them. It tells them from routes that others have made, so each set needs its own.',
        type: 'integer',
        minimum: 5,
        maximum: 255,
      },
      file: path(
        'Where they are kept, as `ip -batch` reads them: a unit of yours does that when the host starts.',
      ),
      state: {
        description: '`absent` removes all routes with that number, and the file.',
        enum: ['present', 'absent'],
        default: 'present',
      },
    },
  },

  key: ({protocol}) => `routes:${protocol}`,
  validate(spec) {
    const wrong = linesOf(spec).find((line) => !LINE.test(line));
    if (wrong !== undefined) return `"${wrong}" is not a route such as "10.9.0.0/16 via 192.0.2.9".`;
    const networks = wantedOf(spec).map(({to}) => to);
    const twice = networks.find((to, index) => networks.indexOf(to) !== index);
    return twice === undefined ? undefined : `There are two routes to ${twice}.`;
  },
  facts: ({protocol, file}) => [routes(String(protocol)), ...ownedFileFacts(file)],

  diff(spec, facts) {
    const hidden = firstUnknown(facts, [routes(String(spec.protocol))]);
    if (hidden) return hidden;
    const content = spec.state === 'absent' ? undefined : batchOf(spec);
    const kept = ownedFileVerdict({path: spec.file, content}, facts);
    if ('state' in kept) return kept;
    return together(pendingOf([kept, liveVerdict(spec, facts)])) ?? NOTHING;
  },

  mayTouch: touchesOf,

  examples: [
    {
      title: 'adds a route, now and for the boot',
      spec: {routes: ['10.9.0.0/16 via 192.0.2.9'], protocol: 181, file: FILE},
      facts: [],
      action: 'create',
      commands: [
        `write ${FILE} 0644 root:root`,
        "printf '%s\\n' 'route replace 10.9.0.0/16 via 192.0.2.9 proto 181' | ip -batch -",
      ],
    },
    {
      title: 'has nothing to remove where nothing is left',
      spec: {routes: [], protocol: 181, file: FILE, state: 'absent'},
      facts: [],
      action: 'none',
      commands: [],
    },
    {
      title: 'removes what is no longer among them',
      spec: {routes: [], protocol: 181, file: FILE, state: 'absent'},
      facts: [fact(routes('181'), [OFFICE])],
      action: 'delete',
      commands: ["printf '%s\\n' 'route delete 10.9.0.0/16 proto 181' | ip -force -batch - || :"],
    },
  ],
});

const linesOf = ({routes: wanted, state}: RoutesSpec): readonly string[] =>
  (state === 'absent' ? [] : typeof wanted === 'string' ? wanted.split('\n') : wanted)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const wantedOf = (spec: RoutesSpec): readonly StaticRoute[] =>
  linesOf(spec).map((line) => {
    const [, to = '', via = '', device = ''] = LINE.exec(line) ?? [];
    return {to, via, interface: device};
  });

function touchesOf({protocol, file}: RoutesSpec): readonly Subject[] {
  return [`routes:${protocol}`, `path:${file}`];
}

const wayOf = ({via, interface: device}: StaticRoute): string =>
  `via ${via}${device === '' ? '' : ` dev ${device}`}`;

const replaced = (route: StaticRoute, protocol: number): string =>
  `route replace ${route.to} ${wayOf(route)} proto ${protocol}`;

const batchOf = (spec: RoutesSpec): string =>
  wantedOf(spec)
    .map((route) => `${replaced(route, spec.protocol)}\n`)
    .join('');

/** An interface that is not asked for may be any. */
const isSame = (wanted: StaticRoute, found: StaticRoute): boolean =>
  wanted.via === found.via && (wanted.interface === '' || wanted.interface === found.interface);

function liveVerdict(spec: RoutesSpec, facts: Facts): Verdict {
  const wanted = new Map(wantedOf(spec).map((route) => [route.to, route]));
  const found = new Map((seen(facts, routes(String(spec.protocol))) ?? []).map((route) => [route.to, route]));
  const stale = [...found.values()].filter(({to}) => !wanted.has(to));
  const wrong = [...wanted.values()].filter((route) => {
    const there = found.get(route.to);
    return !there || !isSame(route, there);
  });
  if (stale.length + wrong.length === 0) return NOTHING;
  const isNew = stale.length === 0 && wrong.every(({to}) => !found.has(to));
  return {
    action: isNew ? 'create' : wanted.size === 0 ? 'delete' : 'update',
    details: [...wrong, ...stale].map(({to}) => ({
      attribute: `route to ${to}`,
      before: wayIn(found, to),
      after: wayIn(wanted, to),
    })),
    impact: 'none',
    steps: [...removal(stale, spec.protocol), ...addition(wrong, spec.protocol)],
    touches: touchesOf(spec),
    predicts: [],
    proof: 'facts',
  };
}

function wayIn(known: ReadonlyMap<string, StaticRoute>, to: string): string | undefined {
  const route = known.get(to);
  return route && wayOf(route);
}

/** One that went by itself meanwhile is no mistake: what is left is looked at afterwards. */
function removal(stale: readonly StaticRoute[], protocol: number): readonly Script[] {
  const commands = stale.map(({to}) => `route delete ${to} proto ${protocol}`);
  return commands.length === 0 ? [] : [sh`printf '%s\\n' ${commands} | ip -force -batch - || :`];
}

function addition(wrong: readonly StaticRoute[], protocol: number): readonly Script[] {
  const commands = wrong.map((route) => replaced(route, protocol));
  return commands.length === 0 ? [] : [sh`printf '%s\\n' ${commands} | ip -batch -`];
}
