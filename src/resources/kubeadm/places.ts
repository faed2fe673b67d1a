import {ADMIN} from '../../facts/kubectl.ts';

/** Where kubeadm and we keep what a host is to its cluster. */
export const PLACES = {
  records: '/etc/kubernetes/provision',
  /** There from the moment before a host becomes a member until it is one for good. */
  unfinished: '/etc/kubernetes/provision/unfinished',
  manifests: '/etc/kubernetes/manifests',
  /** What kubeadm writes there goes here first, */
  staged: '/etc/kubernetes/provision/staged',
  /** and from here into place. The kubelet's unit looks for what a host that went down has left. */
  pending: '/etc/kubernetes/provision/pending',
  admin: ADMIN,
  superAdmin: '/etc/kubernetes/super-admin.conf',
  kubelet: '/etc/kubernetes/kubelet.conf',
  apiServer: '/etc/kubernetes/manifests/kube-apiserver.yaml',
  authority: '/etc/kubernetes/pki/ca.crt',
  /** What a kubelet has until it has a certificate of its own. */
  bootstrap: '/etc/kubernetes/bootstrap-kubelet.conf',
  kubeletCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem',
  kubeletConfig: '/var/lib/kubelet/config.yaml',
  /** Of an etcd that runs beside the API server. */
  etcd: '/etc/kubernetes/manifests/etcd.yaml',
  etcdData: '/var/lib/etcd/member',
} as const;

/** Where the record of a phase lies. */
export const recordOf = (name: string): string => `${PLACES.records}/${name}.json`;

/** One step at a time: kubeadm and what it writes belong to one of them. */
export const JOB = 'kubeadm';
