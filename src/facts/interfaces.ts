import {groupedBy} from '../base/grouped.ts';
import {known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** A network interface that has an address. */
export interface Interface {
  readonly name: string;
  /** Empty where it has none, as a tunnel. */
  readonly mac: string;
  /** With the length of the prefix: `192.0.2.7/24`. */
  readonly addresses: readonly string[];
}

const kind: FactKind<readonly Interface[]> = {
  name: 'interfaces',
  summary:
    'The network interfaces that have addresses other than those of the host or the link alone: `name`, `mac`, ' +
    '`addresses` with their prefixes. The key is `host`.',
  program: () => sh`command -v ip >/dev/null || { echo 'the host has no ip command' >&2; exit 1; }
ip -o link show || exit
printf '\\0'
ip -o addr show scope global || exit
printf '\\0'`,
  parse(output, keys) {
    const [links, addresses] = recordsOf(output);
    if (links === undefined || addresses === undefined)
      return keys.map(() => unknown('the host told no interfaces'));
    const answer = known(interfacesOf(links, addresses));
    return keys.map(() => answer);
  },
};

function interfacesOf(links: string, addresses: string): readonly Interface[] {
  const macs = new Map(links.split('\n').flatMap((line) => macOf(line)));
  const pairs = addresses.split('\n').flatMap((line) => {
    const [, name, address] = /^\d+: (\S+)\s+inet6? (\S+)/.exec(line) ?? [];
    return name !== undefined && address !== undefined ? [{name, address}] : [];
  });
  return [...groupedBy(pairs, ({name}) => name)].map(([name, group]) => ({
    name,
    mac: macs.get(name) ?? '',
    addresses: group.map(({address}) => address),
  }));
}

/** `2: eth0@if5: <BROADCAST,UP> mtu 1500 … link/ether 02:00:0a:4d:00:00 brd ff:ff:ff:ff:ff:ff` */
function macOf(line: string): readonly [string, string][] {
  const [, name, mac] = /^\d+: ([^:@\s]+)[@:].* link\/ether (\S+)/.exec(line) ?? [];
  return name !== undefined && mac !== undefined ? [[name, mac]] : [];
}

/** The network interfaces of a host that have addresses. */
export const interfaces = (_key = 'host'): FactQuery<readonly Interface[]> => ({
  kind,
  key: 'host',
  subject: 'interfaces:host',
});
