import {packageState} from '../facts/package.ts';
import {packageCache} from '../facts/package-cache.ts';
import {packageUpdate} from '../facts/package-update.ts';
import {unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {
  changeOf,
  detailsOf,
  type Found,
  managerOf,
  maxAgeOf,
  moveOf,
  type PackageSpec,
  REFRESHED,
  wantedOf,
} from './package/changes.ts';
import {firstUnknown, seen} from './seen.ts';

/** `name`, `name:arch` or `name.arch`, with `=version` behind it where one is wanted. */
const NAME = '^[A-Za-z0-9][A-Za-z0-9+._:-]*(=[A-Za-z0-9][A-Za-z0-9.+~:_^*-]*)?$';

/** As in the programs of the manager, for the examples. */
const APT =
  'apt-get -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300';

export default defineResource<PackageSpec>({
  kind: 'package',
  summary:
    'Packages of the distribution, by apt, dnf, zypper or apk: present, absent, at a version, the newest, held.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'Name of a real package, or a list of names; `name=version` for an exact version.',
        oneOf: [
          {type: 'string', pattern: NAME},
          {type: 'array', minItems: 1, uniqueItems: true, items: {type: 'string', pattern: NAME}},
        ],
      },
      version: {
        description: 'Exact version of a single package; `*` stands for any text: `1.36.*`.',
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9.+~:_^*-]*$',
      },
      state: {
        description: '`latest` follows what the package index offers.',
        enum: ['present', 'absent', 'latest'],
        default: 'present',
      },
      hold: {
        description:
          'Whether upgrades leave it alone (apt hold, dnf versionlock, zypper lock, apk pin). Left as it is where not said.',
        type: 'boolean',
      },
      files: {
        description: 'Package files on the host to install from, by the name of the package.',
        type: 'object',
        additionalProperties: {type: 'string', pattern: '^/'},
        default: {},
      },
      cache_valid_time: {
        description: 'An older package index is refreshed before packages are installed. Seconds, or `12h`.',
        type: ['integer', 'string'],
        default: '1d',
      },
      purge: {
        description: 'With `absent`: configuration files go too (apt).',
        type: 'boolean',
        default: false,
      },
      allow_downgrade: {
        description: 'Whether an exact version may be older than what is installed.',
        type: 'boolean',
        default: false,
      },
      install_recommends: {
        description:
          'Whether what a package recommends is installed too. The distribution decides where not said.',
        type: 'boolean',
      },
      use: {
        description: 'The package manager; `auto` is that of the distribution.',
        enum: ['auto', 'apt', 'dnf', 'zypper', 'apk'],
        default: 'auto',
      },
    },
  },

  key: (spec) =>
    `package:${wantedOf(spec)
      .map(({name}) => name)
      .sort()
      .join(',')}`,

  validate(spec) {
    const wanted = wantedOf(spec);
    if (spec.version !== undefined && wanted.length > 1) return '"version" needs a single name.';
    if (spec.state !== 'present' && wanted.some(({version}) => version !== undefined)) {
      return `A version means nothing with state "${spec.state}".`;
    }
    const stray = Object.keys(spec.files).find((name) => !wanted.some((each) => each.name === name));
    if (stray !== undefined) return `"files" has "${stray}", which is not in "name".`;
    if (maxAgeOf(spec) === undefined)
      return '"cache_valid_time" is neither seconds nor a duration such as "12h".';
    return undefined;
  },

  facts(spec, profile) {
    const manager = managerOf(spec, profile);
    if (manager === undefined) return [];
    const names = wantedOf(spec).map(({name}) => name);
    const states = names.map((name) => packageState(`${manager}/${name}`));
    if (spec.state !== 'latest') return states;
    return [
      ...states,
      ...names.map((name) => packageUpdate(manager, name)),
      packageCache(manager, maxAgeOf(spec) ?? 0),
    ];
  },

  worst: () => 'restart',
  diff(spec, facts, {profile}) {
    const manager = managerOf(spec, profile);
    if (manager === undefined) return unknown('the host has no package manager that is known here');
    const hidden = firstUnknown(facts, this.facts(spec, profile));
    if (hidden) return hidden;
    const stale =
      spec.state === 'latest' && seen(facts, packageCache(manager, maxAgeOf(spec) ?? 0)) === undefined;
    const found = wantedOf(spec).map((wanted): Found => {
      const state = seen(facts, packageState(`${manager}/${wanted.name}`));
      const update = spec.state === 'latest' ? seen(facts, packageUpdate(manager, wanted.name)) : undefined;
      return {wanted, state, update, move: moveOf(spec, wanted, state, update)};
    });
    const details = [...(stale ? [REFRESHED] : []), ...found.flatMap((each) => detailsOf(spec, each))];
    return details.length === 0 ? NOTHING : changeOf(spec, manager, found, details);
  },

  examples: [
    {
      title: 'installs what is missing, and refreshes the index first where it is old or does not know it',
      spec: {name: ['curl', 'socat=1.7.4.4-2'], cache_valid_time: '12h'},
      facts: [fact(packageState('apt/curl'), {status: 'installed', versions: ['7.88.1-10'], held: false})],
      profile: {package_manager: 'apt'},
      action: 'create',
      commands: [
        `detached packages: export DEBIAN_FRONTEND=noninteractive LC_ALL=C &&
dpkg --configure -a --force-confdef --force-confold &&
if ! { [ -n "$(find /var/lib/apt/lists -maxdepth 0 -mmin -720 2>/dev/null)" ] && apt-get -s -qq install socat=1.7.4.4-2 >/dev/null 2>&1; }; then ${APT} update && mkdir -p /var/lib/apt/lists && touch /var/lib/apt/lists; fi &&
${APT} install socat=1.7.4.4-2`,
      ],
    },
    {
      title: 'leaves what is installed alone',
      spec: {name: 'curl'},
      facts: [fact(packageState('apt/curl'), {status: 'installed', versions: ['7.88.1-10'], held: false})],
      profile: {package_manager: 'apt'},
      action: 'none',
      commands: [],
    },
    {
      title: 'holds a package at its version',
      spec: {name: 'kubelet', version: '1.36.*', hold: true},
      facts: [
        fact(packageState('apt/kubelet'), {status: 'installed', versions: ['1.36.4-1.1'], held: false}),
      ],
      profile: {package_manager: 'apt'},
      action: 'update',
      commands: [
        `detached packages: export DEBIAN_FRONTEND=noninteractive LC_ALL=C &&
dpkg --configure -a --force-confdef --force-confold &&
apt-mark hold kubelet`,
      ],
    },
    {
      title: 'removes with dnf',
      spec: {name: 'firewalld', state: 'absent'},
      facts: [
        fact(packageState('dnf/firewalld'), {status: 'installed', versions: ['1.3.4-1.el9'], held: false}),
      ],
      profile: {package_manager: 'dnf'},
      action: 'delete',
      commands: ['detached packages: dnf -y remove firewalld'],
    },
  ],
});
