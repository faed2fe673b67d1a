import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

const live: FactKind<string> = {
  name: 'sysctl',
  summary: 'The value of a kernel parameter now, with single blanks. Key: `net.ipv4.ip_forward`.',
  program: (names) => sh`sysctls() {
  for path; do
    if [ -r "$path" ] && value=$(cat -- "$path" 2>/dev/null); then printf 'there\\0%s\\0' "$value"
    elif [ -e "$path" ]; then printf 'hidden\\0\\0'
    else printf 'absent\\0\\0'
    fi
  done
}
sysctls ${names.map(sysctlPath)}`,
  parse(output, names) {
    const records = recordsOf(output);
    return names.map((_, index) => answerOf(records[index * 2], records[index * 2 + 1] ?? ''));
  },
};

function answerOf(word: string | undefined, value: string): Answer<string> {
  if (word === 'there') return known(singleBlanks(value));
  return word === 'absent' ? ABSENT : unknown('no permission to read it');
}

/** The kernel separates numbers by tabs, people by blanks. */
export const singleBlanks = (value: string): string => value.trim().replace(/\s+/g, ' ');

/** As sysctl reads names: the first separator decides, and the other one then stands for itself. */
export function sysctlPath(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  const path = separator === '/' ? name : name.replace(/[./]/g, (each) => (each === '.' ? '/' : '.'));
  return `/proc/sys/${path}`;
}

/** The value that a kernel parameter has now. Absent where the kernel has no such parameter, or not yet. */
export const sysctl = (name: string): FactQuery<string> => ({
  kind: live,
  key: name,
  subject: `sysctl:${name}`,
});

/** A line of a configuration file that sets a kernel parameter. */
export interface SysctlLine {
  readonly file: string;
  readonly value: string;
}

const atBoot: FactKind<readonly SysctlLine[]> = {
  name: 'sysctl_at_boot',
  summary: 'The lines that set a kernel parameter at boot, weakest first: `file` and `value` of each.',
  // Files by their base names, as systemd and procps read them; `-` before a name means: ignore errors.
  program: () => sh`for file in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \\
  /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf /etc/sysctl.conf; do
  [ ! -e "$file" ] || { printf '%s\\0' "$file"; grep -E '^[[:space:]]*-?[[:space:]]*[A-Za-z]' "$file"; printf '\\0'; }
done`,
  parse(output, names) {
    const lines = linesOf(recordsOf(output));
    return names.map((name) => {
      const path = sysctlPath(name);
      return known(lines.filter((line) => line.path === path).map(({file, value}) => ({file, value})));
    });
  },
};

interface ReadLine extends SysctlLine {
  readonly path: string;
}

function linesOf(records: readonly string[]): readonly ReadLine[] {
  const files = new Map<string, {readonly file: string; readonly text: string}>();
  for (let index = 0; index + 1 < records.length; index += 2) {
    const [file = '', text = ''] = records.slice(index, index + 2);
    // The first folder that has a name hides that name in the others.
    const name = file === '/etc/sysctl.conf' ? '~' : file.slice(file.lastIndexOf('/') + 1);
    if (!files.has(name)) files.set(name, {file, text});
  }
  return [...files]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, {file, text}]) => text.split('\n').flatMap((line) => lineIn(file, line)));
}

function lineIn(file: string, line: string): readonly ReadLine[] {
  const match = /^\s*-?\s*([^\s=]+)\s*=\s*(.*?)\s*$/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) return [];
  return [{file, path: sysctlPath(match[1]), value: singleBlanks(match[2])}];
}

/** What will set a kernel parameter at the next boot. Empty where nothing does. */
export const sysctlAtBoot = (name: string): FactQuery<readonly SysctlLine[]> => ({
  kind: atBoot,
  key: name,
  subject: `sysctl:${name}`,
});
