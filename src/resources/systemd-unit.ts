import {parseDuration} from '../base/duration.ts';
import {digest} from '../facts/digest.ts';
import {unit, unitFile, unitName} from '../facts/unit.ts';
import {unitStart} from '../facts/unit-start.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {firstUnknown} from './seen.ts';
import {
  changeOf,
  factsOf,
  lookAt,
  movesOf,
  nothing,
  ownFile,
  type SystemdUnitSpec,
  touchesOf,
} from './systemd-unit/moves.ts';

const PATHS = {type: 'array', uniqueItems: true, default: [], items: {type: 'string', pattern: '^/[^\\n]*$'}};

/** The scripts of the steps, as the examples show them. */
const reread = (name: string): string =>
  `[ "$(systemctl show --property=NeedDaemonReload --value -- ${name})" = no ] || systemctl daemon-reload`;
const noted = (name: string, paths: string): string =>
  `mkdir -p /run/provision/units && { echo -; for path in ${paths}; do
  if [ -f "$path" ]; then digest=$(sha256sum <"$path"); else digest=absent; fi
  printf '%s %s\\n' "\${digest%% *}" "$path"
done; } >/run/provision/units/${name}`;
const signed = (name: string): string =>
  `sed -i "1s/.*/$(systemctl show --property=InvocationID --value -- ${name})/" /run/provision/units/${name}`;

const [OLD, NEW] = ['1'.repeat(64), '2'.repeat(64)];
const RUNNING = [
  fact(unit('containerd'), {active: 'active', sub: 'running', result: 'success', invocation: 'a'}),
  fact(unitFile('containerd'), {load: 'loaded', enabled: 'enabled', needsReload: false, passing: false}),
  fact(
    unitStart('containerd.service', [
      '/etc/systemd/system/containerd.service',
      '/etc/containerd/config.toml',
    ]),
    {digests: {'/etc/containerd/config.toml': OLD}, hasRun: true},
  ),
];

export default defineResource<SystemdUnitSpec>({
  kind: 'systemd_unit',
  summary:
    'A systemd unit: started or stopped, enabled, masked, and never older than the files that it reads.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'Name of the unit; `.service` where it has no suffix.',
        type: 'string',
        pattern: '^[A-Za-z0-9:_.\\\\@-]+$',
      },
      state: {
        description: 'Whether it runs now. A restart is not a state: `restart_on` says what one is for.',
        enum: ['started', 'stopped'],
      },
      enabled: {description: 'Whether it starts at boot.', type: 'boolean'},
      masked: {description: 'Whether it cannot be started at all.', type: 'boolean'},
      restart_on: {
        description:
          'Files that it reads when it starts. It is restarted where one is not what it was started with.',
        ...PATHS,
      },
      reload_on: {description: 'Files that it reads again when it is reloaded.', ...PATHS},
      settle: {
        description: 'It must be up for `steady` at a stretch before `timeout` has passed. Seconds, or `1m`.',
        type: 'object',
        additionalProperties: false,
        default: {},
        properties: {
          steady: {description: 'How long.', type: ['number', 'string'], default: '1s'},
          timeout: {description: 'For how long at most.', type: ['number', 'string'], default: '1m'},
        },
      },
    },
  },

  key: ({name}) => `unit:${unitName(name)}`,

  validate({masked, state, enabled, settle}) {
    if (masked === true && state === 'started') return 'A masked unit cannot be started.';
    if (masked === true && enabled === true) return 'A masked unit cannot be enabled.';
    const wrong = [settle.steady, settle.timeout].find((each) => parseDuration(each) === undefined);
    return wrong === undefined ? undefined : `"${wrong}" is neither seconds nor a duration such as "1m".`;
  },

  facts: factsOf,

  worst: () => 'restart',
  diff(spec, facts) {
    const hidden = firstUnknown(facts, factsOf(spec));
    if (hidden) return hidden;
    const found = lookAt(spec, facts);
    const moves = movesOf(spec, found);
    return moves.length === 0 ? nothing(spec, found) : changeOf(spec, found, moves);
  },

  mayTouch: (spec) => touchesOf(unitName(spec.name)),

  settle({state, settle}) {
    if (state !== 'started') return undefined;
    return {steadyMs: parseDuration(settle.steady) ?? 0, timeoutMs: parseDuration(settle.timeout) ?? 0};
  },

  examples: [
    {
      title: 'enables and starts a unit whose file was just written',
      spec: {name: 'containerd', enabled: true, state: 'started'},
      facts: [
        fact(unit('containerd'), {active: 'inactive', sub: 'dead', result: 'success', invocation: ''}),
        fact(unitFile('containerd'), {load: 'not-found', enabled: '', needsReload: false, passing: false}),
        fact(unitStart('containerd.service', [ownFile('containerd.service')]), {digests: {}, hasRun: false}),
        fact(digest(ownFile('containerd.service')), NEW),
      ],
      action: 'create',
      commands: [
        'systemctl daemon-reload',
        'systemctl enable -- containerd.service',
        noted('containerd.service', '/etc/systemd/system/containerd.service'),
        'systemctl start -- containerd.service',
        signed('containerd.service'),
      ],
    },
    {
      title: 'leaves a unit alone that runs with the files that are there',
      spec: {
        name: 'containerd',
        enabled: true,
        state: 'started',
        restart_on: ['/etc/containerd/config.toml'],
      },
      facts: [...RUNNING, fact(digest('/etc/containerd/config.toml'), OLD)],
      action: 'none',
      commands: [],
    },
    {
      title: 'restarts it where a file is not the one that it was started with',
      spec: {
        name: 'containerd',
        enabled: true,
        state: 'started',
        restart_on: ['/etc/containerd/config.toml'],
      },
      facts: [...RUNNING, fact(digest('/etc/containerd/config.toml'), NEW)],
      action: 'update',
      commands: [
        reread('containerd.service'),
        noted('containerd.service', '/etc/systemd/system/containerd.service /etc/containerd/config.toml'),
        'systemctl restart -- containerd.service',
        signed('containerd.service'),
      ],
    },
    {
      title: 'stops and masks',
      spec: {name: 'apt-daily.timer', state: 'stopped', masked: true},
      facts: [
        fact(unit('apt-daily.timer'), {active: 'active', sub: 'waiting', result: 'success', invocation: 'a'}),
        fact(unitFile('apt-daily.timer'), {
          load: 'loaded',
          enabled: 'enabled',
          needsReload: false,
          passing: false,
        }),
        fact(unitStart('apt-daily.timer', [ownFile('apt-daily.timer')]), {digests: {}, hasRun: true}),
      ],
      action: 'update',
      commands: [
        'systemctl stop -- apt-daily.timer',
        'systemctl mask -- apt-daily.timer',
        'rm -f -- /run/provision/units/apt-daily.timer',
      ],
    },
  ],
});
