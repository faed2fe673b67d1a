import type {Script} from '../base/script.ts';
import {sh} from '../shell/sh.ts';

/** How a control plane reaches its cluster as an administrator. */
export const ADMIN = '/etc/kubernetes/admin.conf';

/** Programs of releases are where people put them: a shell that is not a login shell may not look there. */
export const PROGRAM_PATH: Script = sh`PATH=$PATH:/usr/local/bin:/opt/bin`;

/** What a pod of etcd beside an API server answers to: `k exec POD -c etcd -- …`. */
export const ETCDCTL_IN_POD: Script = sh`etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \\
    --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key`;

/**
 * kubectl, which leaves nothing in anybody's home. The kubeconfig is a path, or a script for a word that is one; how
 * long an answer may take is in seconds, without which commands wait as long as they want.
 */
export function kubectl(kubeconfig: string | Script, seconds?: number): Script {
  const limit = seconds === undefined ? sh`` : sh` --request-timeout ${`${seconds}s`}`;
  return sh`kubectl --kubeconfig ${kubeconfig} --cache-dir /run/provision/kubectl${limit}`;
}
