import {groupedBy} from '../base/grouped.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery, Subject} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {type PackageManager, split} from './package.ts';
import {recordsOf} from './records.ts';

type Manager = Exclude<PackageManager, 'auto'>;

const kind: FactKind<string> = {
  name: 'package_update',
  summary: 'The newer version of an installed package that the index offers. Key: `apt/name`, `dnf/name`, ….',
  program: (keys) =>
    lines([PROGRAM, ...[...groups(keys)].map(([manager, names]) => sh`(updates ${manager} ${names})`)]),
  parse(output, keys) {
    const records = recordsOf(output);
    const answers = new Map<string, Answer<string>>();
    for (const [index, [manager, names]] of [...groups(keys)].entries()) {
      const [code, text] = records.slice(index * 2, index * 2 + 2);
      for (const name of names) answers.set(`${manager}/${name}`, answerOf(manager, code, text, name));
    }
    return keys.map((key) => answers.get(key) ?? unknown('not a package manager'));
  },
};

/**
 * Asks the index as it is: nothing is downloaded and nothing written. apt would write its caches for root, so
 * it is told to keep them in memory.
 */
const PROGRAM = sh`updates() {
  LC_ALL=C; export LC_ALL
  manager=$1; shift
  case $manager in
    apt) text=$(apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy -- "$@" 2>&1) ;;
    dnf) text=$(dnf -C -q check-update -- "$@" 2>&1) ;;
    zypper) text=$(zypper --non-interactive --no-refresh --quiet list-updates 2>&1) ;;
    apk) text=$(apk --no-network version -l '<' -- "$@" 2>&1) ;;
  esac
  printf '%s\\0%s\\0' "$?" "$text"
}`;

/** dnf ends with 100 where there are updates. */
const FINE: Readonly<Record<Manager, readonly string[]>> = {
  apt: ['0'],
  dnf: ['0', '100'],
  zypper: ['0'],
  apk: ['0'],
};

function answerOf(manager: Manager, code: string | undefined, text = '', name: string): Answer<string> {
  if (code === undefined) return unknown('the package manager gave no answer');
  if (!FINE[manager].includes(code))
    return unknown(text.trim().split('\n').at(-1) || `${manager} ended with ${code}`);
  const version = READERS[manager](text, name);
  return version === undefined ? ABSENT : known(version);
}

const READERS: Readonly<Record<Manager, (text: string, name: string) => string | undefined>> = {
  apt: aptCandidate,
  dnf: (text, name) =>
    rows(text, /\s+/).find(
      ([package_ = '']) => package_ === name || package_.replace(/\.[^.]+$/, '') === name,
    )?.[1],
  zypper: (text, name) => rows(text, /\s*\|\s*/).find((row) => row[2] === name)?.[4],
  apk: (text, name) =>
    rows(text, /\s+/).find(([package_ = '']) => package_.replace(/-\d[^-]*-r\d+$/, '') === name)?.[2],
};

const rows = (text: string, between: RegExp): readonly (readonly string[])[] =>
  text.split('\n').map((line) => line.trim().split(between));

/** apt's candidate already knows pins, holds and what is installed: only another one than that is an update. */
function aptCandidate(text: string, name: string): string | undefined {
  const block = text.split(/\n(?=\S)/).find((each) => each.startsWith(`${name}:\n`));
  const installed = /^ {2}Installed: (.*)$/m.exec(block ?? '')?.[1];
  const candidate = /^ {2}Candidate: (.*)$/m.exec(block ?? '')?.[1];
  return candidate === installed || candidate === '(none)' ? undefined : candidate;
}

function groups(keys: readonly string[]): ReadonlyMap<Manager, readonly string[]> {
  const pairs = keys.flatMap((key) => {
    const [manager, name] = split(key);
    return manager === 'auto' ? [] : [{manager, name}];
  });
  const grouped = groupedBy(pairs, ({manager}) => manager);
  return new Map([...grouped].map(([manager, each]) => [manager, each.map(({name}) => name)]));
}

/** What a change of the repositories alters as well. */
const REPOSITORIES: Readonly<Record<Manager, Subject>> = {
  apt: 'tree:/etc/apt',
  dnf: 'tree:/etc/yum.repos.d',
  zypper: 'tree:/etc/zypp/repos.d',
  apk: 'path:/etc/apk/repositories',
};

/** As `packageUpdate`, of `apt/name`, `dnf/name`, …. Without a manager nobody can be asked. */
export function packageUpdateOf(key: string): FactQuery<string> {
  const [manager, name] = split(key);
  return {kind, key, subject: manager === 'auto' ? `package:${name}` : REPOSITORIES[manager]};
}

/** The version that a package would be updated to, as far as the index on the host knows. */
export const packageUpdate = (manager: Manager, name: string): FactQuery<string> =>
  packageUpdateOf(`${manager}/${name}`);
