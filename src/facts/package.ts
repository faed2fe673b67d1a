import {groupedBy} from '../base/grouped.ts';
import type {Script} from '../base/script.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {type PackageReader, readApk, readDpkg, readRpm} from './package-readers.ts';
import {recordsOf} from './records.ts';

/** `auto` is decided on the host. */
export type PackageManager = 'auto' | 'apt' | 'dnf' | 'zypper' | 'apk';

const MANAGERS = ['apt', 'dnf', 'zypper', 'apk'] as const satisfies readonly PackageManager[];

/** A package on a host. `config-files`: removed, and its configuration is still there (apt). */
export interface PackageState {
  readonly status: 'installed' | 'config-files';
  /** More than one where the manager allows it, as with kernels. With epoch and release where there are any. */
  readonly versions: readonly string[];
  /** Kept at its version: apt hold, dnf versionlock, zypper lock, apk pin. */
  readonly held: boolean;
}

const kind: FactKind<PackageState> = {
  name: 'package',
  summary:
    'Versions of an installed package and whether it is held. Key: `name`, or `apt/name`, `dnf/name`, ….',
  program: (keys) => lines([PROGRAM, ...[...groups(keys)].map(([manager, names]) => call(manager, names))]),
  parse(output, keys) {
    const records = recordsOf(output);
    const answers = new Map<string, Answer<PackageState>>();
    for (const [index, [manager, names]] of [...groups(keys)].entries()) {
      const found = readGroup(records.slice(index * 4, index * 4 + 4), names);
      for (const [at, name] of names.entries()) answers.set(`${manager}/${name}`, found[at] ?? SILENT);
    }
    return keys.map((key) => answers.get(split(key).join('/')) ?? SILENT);
  },
};

/** Four records: the manager, how its tool ended, what it printed, what is held. */
const PROGRAM = sh`manager_of_host() {
  for tool in apt-get dnf zypper apk; do
    if command -v "$tool" >/dev/null 2>&1; then echo "\${tool%-get}"; return; fi
  done
}
held() {
  for file; do [ ! -f "$file" ] || cat -- "$file"; done
}
dpkg() {
  dpkg-query -W -f='\${Package}:\${Architecture}\\t\${db:Status-Want}\\t\${db:Status-Status}\\t\${Version}\\n' -- "$@" 2>&1
}
rpms() {
  rpm -q --qf '%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\n' -- "$@" 2>&1
}
packages() {
  LC_ALL=C; export LC_ALL
  manager=$1; shift
  [ "$manager" != auto ] || manager=$(manager_of_host)
  locks=
  case $manager in
    apt) text=$(dpkg "$@"); code=$? ;;
    dnf) text=$(rpms "$@"); code=$?; locks=$(held /etc/dnf/plugins/versionlock.list /etc/dnf/versionlock.toml) ;;
    zypper) text=$(rpms "$@"); code=$?; locks=$(held /etc/zypp/locks) ;;
    apk) text=$(apk info -v 2>/dev/null); code=$?; locks=$(held /etc/apk/world) ;;
    *) text='no package manager that is known here'; code=127 ;;
  esac
  printf '%s\\0%s\\0%s\\0%s\\0' "$manager" "$code" "$text" "$locks"
}`;

const call = (manager: PackageManager, names: readonly string[]): Script =>
  sh`(packages ${manager} ${names})`;

const SILENT = unknown('the package manager gave no answer');

const READERS: ReadonlyMap<string, PackageReader> = new Map([
  ['apt', readDpkg],
  ['dnf', readRpm],
  ['zypper', readRpm],
  ['apk', readApk],
]);

function readGroup(records: readonly string[], names: readonly string[]): readonly Answer<PackageState>[] {
  const [manager, code, text, locks] = records;
  if (manager === undefined || code === undefined || text === undefined || locks === undefined) return [];
  const reader = READERS.get(manager);
  const found = reader?.(text, Number(code), locks);
  if (found === undefined)
    return names.map(() => unknown(text.trim().split('\n')[0] || 'no package database'));
  return names.map((name) => {
    const state = found.get(name);
    return state ? known(state) : ABSENT;
  });
}

function groups(keys: readonly string[]): ReadonlyMap<PackageManager, readonly string[]> {
  const grouped = groupedBy(keys.map(split), ([manager]) => manager);
  return new Map(
    [...grouped].map(([manager, each]) => [manager, [...new Set(each.map(([, name]) => name))]]),
  );
}

/** The manager and the name in a key. */
export function split(key: string): readonly [PackageManager, string] {
  const manager = MANAGERS.find((each) => key.startsWith(`${each}/`));
  return manager === undefined ? ['auto', key] : [manager, key.slice(manager.length + 1)];
}

/** A package by name: `curl`, or `dnf/curl` where the manager is known. */
export const packageState = (key: string): FactQuery<PackageState> => ({
  kind,
  key,
  subject: `package:${split(key)[1]}`,
});
