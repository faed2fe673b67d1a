import type {Script} from '../../base/script.ts';
import type {PackageManager} from '../../facts/package.ts';
import {CACHE_DIRECTORIES} from '../../facts/package-cache.ts';
import {sh} from '../../shell/sh.ts';

export type Manager = Exclude<PackageManager, 'auto'>;

/** One transaction, in words that all managers share. */
export interface Transaction {
  readonly install: readonly WantedPackage[];
  /** Installed ones that are to become the newest. */
  readonly upgrade: readonly string[];
  readonly remove: readonly string[];
  readonly hold: readonly WantedPackage[];
  /** Also those whose hold would stand in the way of this transaction. */
  readonly unhold: readonly WantedPackage[];
  readonly options: TransactionOptions;
}

export interface WantedPackage {
  readonly name: string;
  readonly version: string | undefined;
  /** A package file on the host. */
  readonly file: string | undefined;
}

export interface TransactionOptions {
  /** An index that is older is refreshed before anything is installed. */
  readonly maxAgeMs: number;
  readonly refresh: 'when-needed' | 'always';
  readonly purge: boolean;
  readonly allowDowngrade: boolean;
  readonly recommends: boolean | undefined;
}

/** The program for a transaction: its index is refreshed where it is old, or where a package is not in it. */
export function programOf(manager: Manager, transaction: Transaction): Script {
  const [first, ...rest] = PROGRAMS[manager](transaction);
  return rest.reduce((script, next) => sh`${script} &&\n${next}`, first ?? sh`true`);
}

type Program = (transaction: Transaction) => readonly Script[];

const PROGRAMS: Readonly<Record<Manager, Program>> = {apt, dnf, zypper, apk};

/** dpkg must neither ask nor replace a file that somebody edited; another apt is waited for. */
const APT = sh`apt-get -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300`;

function apt({install, upgrade, remove, hold, unhold, options}: Transaction): readonly Script[] {
  const words = [...install.map(joined('=')), ...upgrade];
  const flags = [
    ...(options.allowDowngrade ? ['--allow-downgrades'] : []),
    ...(options.recommends === undefined ? [] : [`--${options.recommends ? '' : 'no-'}install-recommends`]),
  ];
  const command = sh`${APT} install${spaced([...flags, ...words])}`;
  return [
    sh`export DEBIAN_FRONTEND=noninteractive LC_ALL=C`,
    sh`dpkg --configure -a --force-confdef --force-confold`,
    ...(words.length === 0
      ? []
      : refresh('apt', sh`apt-get -s -qq install${spaced([...flags, ...words])}`, options)),
    ...some(unhold, (names) => sh`apt-mark unhold ${names}`),
    ...(words.length === 0 ? [] : [command]),
    ...some(remove, (names) => sh`${APT} ${options.purge ? 'purge' : 'remove'} ${names}`),
    ...some(hold, (names) => sh`apt-mark hold ${names}`),
  ];
}

function dnf({install, upgrade, remove, hold, unhold, options}: Transaction): readonly Script[] {
  const words = install.map(joined('-'));
  const flags = [
    ...(options.allowDowngrade ? [] : ['--setopt=allow_downgrade=0']),
    ...(options.recommends === undefined ? [] : [`--setopt=install_weak_deps=${options.recommends ? 1 : 0}`]),
  ];
  return [
    ...(words.length + upgrade.length === 0 ? [] : refresh('dnf', sh`true`, options)),
    ...some(unhold, (names) => sh`dnf -y -q versionlock delete ${names}`),
    ...(words.length === 0 ? [] : [sh`dnf -y install${spaced([...flags, ...words])}`]),
    ...(upgrade.length === 0 ? [] : [sh`dnf -y upgrade ${upgrade}`]),
    ...some(remove, (names) => sh`dnf -y remove ${names}`),
    ...some(hold, (names) => sh`dnf -y -q versionlock add ${names}`),
  ];
}

function zypper({install, upgrade, remove, hold, unhold, options}: Transaction): readonly Script[] {
  const words = install.map(joined('='));
  const flags = [
    '--auto-agree-with-licenses',
    ...(install.some(({file}) => file !== undefined) ? ['--allow-unsigned-rpm'] : []),
    ...(options.allowDowngrade ? ['--oldpackage'] : []),
    ...(options.recommends === undefined ? [] : [`--${options.recommends ? '' : 'no-'}recommends`]),
  ];
  return [
    // 102 and 103 mean that it worked, and that the host or zypper itself should be restarted.
    sh`zyp() { zypper --non-interactive "$@" || case $? in 102 | 103) ;; *) return 1 ;; esac; }`,
    ...(words.length + upgrade.length === 0 ? [] : refresh('zypper', sh`true`, options)),
    ...some(unhold, (names) => sh`zyp removelock ${names}`),
    ...(words.length === 0 ? [] : [sh`zyp install${spaced([...flags, ...words])}`]),
    ...(upgrade.length === 0 ? [] : [sh`zyp update --auto-agree-with-licenses ${upgrade}`]),
    ...some(remove, (names) => sh`zyp remove ${names}`),
    ...some(hold, (names) => sh`zyp addlock ${names}`),
  ];
}

/** A hold is a version in the world file: apk has no word for it. */
function apk({install, upgrade, remove, hold, unhold, options}: Transaction): readonly Script[] {
  const words = install.map(joined('='));
  const trust = install.some(({file}) => file !== undefined) ? ['--allow-untrusted'] : [];
  const unpinned = unhold.filter(({name}) => !install.some((each) => each.name === name));
  return [
    ...(words.length + upgrade.length === 0
      ? []
      : refresh('apk', sh`apk add --simulate --quiet${spaced([...trust, ...words, ...upgrade])}`, options)),
    ...some(unpinned, (names) => sh`apk add ${names}`),
    ...(words.length === 0 ? [] : [sh`apk add${spaced([...trust, ...words])}`]),
    ...(upgrade.length === 0 ? [] : [sh`apk add --upgrade ${upgrade}`]),
    ...some(remove, (names) => sh`apk del ${names}`),
    ...(hold.length === 0
      ? []
      : [
          sh`for name in ${hold.map(({name}) => name)}; do
  version=$(apk info -v | grep -E "^$name-[0-9][^-]*-r[0-9]+$" | tail -n 1)
  apk add "$name=\${version#"$name"-}"
done`,
        ]),
  ];
}

const REFRESH: Readonly<Record<Manager, Script>> = {
  apt: sh`${APT} update`,
  dnf: sh`dnf -q -y makecache --refresh`,
  zypper: sh`zyp --quiet refresh`,
  apk: sh`apk update --quiet`,
};

/** `resolves` succeeds where the index that is there knows all packages and versions. */
function refresh(
  manager: Manager,
  resolves: Script,
  {maxAgeMs, refresh: when}: TransactionOptions,
): readonly Script[] {
  const directory = CACHE_DIRECTORIES[manager];
  const now = sh`${REFRESH[manager]} && mkdir -p ${directory} && touch ${directory}`;
  if (when === 'always') return [now];
  const minutes = Math.ceil(maxAgeMs / 60_000);
  const fresh = sh`[ -n "$(find ${directory} -maxdepth 0 -mmin -${minutes} 2>/dev/null)" ]`;
  const both = resolves.wire === 'true' ? fresh : sh`${fresh} && ${resolves} >/dev/null 2>&1`;
  return [sh`if ! { ${both}; }; then ${now}; fi`];
}

const joined =
  (between: string) =>
  ({name, version, file}: WantedPackage): string =>
    file ?? (version === undefined ? name : `${name}${between}${version}`);

/** Words behind a command, each with its blank: none leaves none. */
const spaced = (words: readonly string[]): Script =>
  words.reduce((script, word) => sh`${script} ${word}`, sh``);

const some = (
  packages: readonly (WantedPackage | string)[],
  command: (names: readonly string[]) => Script,
): readonly Script[] =>
  packages.length === 0
    ? []
    : [command(packages.map((each) => (typeof each === 'string' ? each : each.name)))];
