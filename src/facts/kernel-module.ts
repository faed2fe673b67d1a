import {ABSENT, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** How the kernel has a feature: as a module that was loaded, or as a part of itself. */
export type KernelModule = 'loaded' | 'builtin';

const kind: FactKind<KernelModule> = {
  name: 'kernel_module',
  summary: 'Whether the running kernel has a module: `loaded` or `builtin`. Key: its name.',
  // What is built in shows in /sys/module only if it has parameters; some show by what they bring.
  program: (names) => sh`brings() {
  case $1 in
    br_netfilter) [ -d /proc/sys/net/bridge ] ;;
    nf_conntrack) [ -e /proc/sys/net/netfilter/nf_conntrack_max ] ;;
    ip_vs) [ -e /proc/net/ip_vs ] ;;
    ip_tables) [ -e /proc/net/ip_tables_names ] ;;
    ip6_tables) [ -e /proc/net/ip6_tables_names ] ;;
    *) grep -q "[[:space:]]$1\$" /proc/filesystems ;;
  esac
}
listed() {
  builtin=/lib/modules/$(uname -r)/modules.builtin
  [ -r "$builtin" ] && tr - _ <"$builtin" | grep -q "/$1\\.ko"
}
modules() {
  for name; do
    if [ -e "/sys/module/$name/initstate" ]; then printf 'loaded\\0'
    elif [ -d "/sys/module/$name" ] || brings "$name" || listed "$name"; then printf 'builtin\\0'
    else printf 'absent\\0'
    fi
  done
}
modules ${names}`,
  parse(output, names) {
    const words = recordsOf(output);
    return names.map((_, index) => {
      const word = words[index];
      if (word === 'loaded' || word === 'builtin') return known(word);
      return word === 'absent' ? ABSENT : unknown('the modules could not be read');
    });
  },
};

/** A dash and an underscore are one letter in the name of a module. */
export const moduleName = (name: string): string => name.replaceAll('-', '_');

/** Whether the running kernel has a module. */
export const kernelModule = (name: string): FactQuery<KernelModule> => ({
  kind,
  key: moduleName(name),
  subject: `module:${moduleName(name)}`,
});
