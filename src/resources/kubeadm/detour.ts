import type {Script} from '../../base/script.ts';
import {lines, sh} from '../../shell/sh.ts';

/** Where kubeadm finds the API by another way than the host that it works on. */
export interface Detour {
  /** The name in the endpoint. */
  readonly name: string;
  /** What it means to kubeadm, in order. Those that are empty do not count. */
  readonly addresses: readonly string[];
}

const NO_DETOUR = sh``;

/**
 * What comes before a command that is to see another /etc/hosts than all else on the host: a mount of its own, which
 * ends with it. So the kubelet that it starts takes the way that is there for good.
 */
export function detour(through: Detour | undefined): Script {
  const addresses = [...new Set(through?.addresses ?? [])].filter((address) => address !== '');
  if (!through || addresses.length === 0) return NO_DETOUR;
  const wanted = addresses.map((address) => `${address} ${through.name}\n`).join('');
  return sh`unshare --mount --propagation private sh -c ${INSIDE} sh ${wanted} ${through.name}`;
}

/** What the host itself says of the name is left out, all else in its file stays. */
const INSIDE = `hosts=/run/provision/hosts.$$
mkdir -p /run/provision && { printf '%s' "$1"; grep -vwF -e "$2" /etc/hosts || :; } >"$hosts"
mount --bind "$hosts" /etc/hosts && rm -f -- "$hosts" || { rm -f -- "$hosts"; exit 1; }
shift 2
exec "$@"`;

/** A proxy before the API comes before the host is a member, and stays when kubeadm begins again. */
export const PROXIES: Script = lines([
  sh`is_proxy() { grep -qs 'provision/part: api-endpoint' "$1"; }
keep_proxies() {
  for path in /etc/kubernetes/manifests/*.yaml; do
    ! is_proxy "$path" || { mkdir -p /run/provision/kept && cp -p -- "$path" /run/provision/kept/; }
  done
}
return_proxies() {
  for path in /run/provision/kept/*.yaml; do
    [ ! -e "$path" ] || cp -p -- "$path" /etc/kubernetes/manifests/
  done
  rm -rf /run/provision/kept
}`,
]);
