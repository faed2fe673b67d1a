#!/usr/bin/env bash
# The peer of the benchmark: what somebody writes who makes a cluster by hand, in a hurry and well. It knows its
# hosts, checks nothing, and can be run once.
#
# usage: cluster.sh ARTIFACTS KEY KNOWN_HOSTS VERSION "NAME=ADDRESS ..." "NAME=ADDRESS ..."
#   ARTIFACTS  a folder with containerd, runc, cni-plugins, kubeadm, kubelet, kubectl and images/*.tar
#   then the control planes, the first of which makes the cluster, and the workers
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
artifacts=$1 key=$2 known=$3 version=$4 control_planes=$5 workers=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
started=$(date +%s%N)
lap() { printf '%6.1f s  %s\n' "$((($(date +%s%N) - started) / 100000000))e-1" "$*"; }
# One connection for each host, which all that follows goes through.
on() {
  local address=$1
  shift
  ssh -i "$key" -o UserKnownHostsFile="$known" -o LogLevel=ERROR -o ControlMaster=auto \
    -o ControlPath="$work/%h" -o ControlPersist=120 "root@$address" "$@"
}
config() { # NAME ADDRESS KIND, rest on stdin
  cat <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: $3
nodeRegistration:
  name: $1
  criSocket: unix:///run/containerd/containerd.sock
  imagePullPolicy: Never
  ignorePreflightErrors: [SystemVerification]
  kubeletExtraArgs: [{name: node-ip, value: $2}]
EOF
  cat
}

pack() {
  local root=$work/root
  mkdir -p "$root"/usr/local/bin "$root"/usr/local/sbin "$root"/opt/cni/bin "$root"/etc/containerd \
    "$root"/etc/systemd/system/kubelet.service.d "$root"/etc/sysctl.d
  tar -xzf "$artifacts/containerd" -C "$root/usr/local"
  tar -xzf "$artifacts/cni-plugins" -C "$root/opt/cni/bin"
  install -m 0755 "$artifacts/runc" "$root/usr/local/sbin/runc"
  install -m 0755 "$artifacts"/{kubeadm,kubelet,kubectl} "$root/usr/local/bin/"
  cp "$here/containerd.toml" "$root/etc/containerd/config.toml"
  cp "$here"/{containerd,kubelet}.service "$root/etc/systemd/system/"
  cp "$here/10-kubeadm.conf" "$root/etc/systemd/system/kubelet.service.d/"
  echo net.ipv4.ip_forward=1 >"$root/etc/sysctl.d/99-kubernetes.conf"
  tar -C "$root" --owner 0 --group 0 -cf "$work/root.tar" .
}

prepare() { # NAME ADDRESS ROLE
  on "$2" 'tar -C / -x --no-same-owner --no-overwrite-dir && sysctl -q --system && systemctl daemon-reload &&
    systemctl enable -q --now containerd && systemctl enable -q kubelet' <"$work/root.tar"
  local image
  for image in "$artifacts"/images/all/*.tar "$artifacts"/images/"$3"/*.tar; do
    [ -e "$image" ] || continue
    on "$2" 'ctr -n k8s.io images import --local - >/dev/null 2>&1' <"$image"
  done
  lap "$1 is prepared"
}

join() { # NAME ADDRESS MORE
  config "$1" "$2" JoinConfiguration <<EOF | on "$2" 'kubeadm join --config /dev/stdin >/root/join.log 2>&1' || return
discovery:
  file: {kubeConfigPath: /root/cluster-info}
  tlsBootstrapToken: $token
$3
EOF
  lap "$1 has joined"
}

pack
for pair in $control_planes; do prepare "${pair%=*}" "${pair#*=}" control-plane & done
for pair in $workers; do prepare "${pair%=*}" "${pair#*=}" worker & done
wait

first=${control_planes%% *}
name=${first%=*} address=${first#*=}
token=$(tr -dc a-z0-9 </dev/urandom | head -c 6 || :).$(tr -dc a-z0-9 </dev/urandom | head -c 16 || :)
certificate_key=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')
k() { on "$address" kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"; }
config "$name" "$address" InitConfiguration <<EOF | on "$address" 'cat >/root/init.yaml; kubeadm init --upload-certs --skip-certificate-key-print --config /root/init.yaml >/root/init.log 2>&1'
localAPIEndpoint: {advertiseAddress: $address, bindPort: 6443}
bootstrapTokens: [{token: $token}]
certificateKey: $certificate_key
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v$version
controlPlaneEndpoint: $address:6443
networking: {podSubnet: 10.233.64.0/18, serviceSubnet: 10.233.0.0/18}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
failCgroupV1: false
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
conntrack: {maxPerCore: 0}
EOF
lap 'the first control plane is there'

k apply -f - <"$here/flannel.yaml" >/dev/null &
k -n kube-public get configmap cluster-info -o 'jsonpath={.data.kubeconfig}' >"$work/cluster-info"
for pair in $control_planes $workers; do
  [ "$pair" = "$first" ] || on "${pair#*=}" 'cat >/root/cluster-info' <"$work/cluster-info"
done
for pair in $workers; do join "${pair%=*}" "${pair#*=}" '' & done
# etcd takes one new member at a time.
for pair in $control_planes; do
  [ "$pair" = "$first" ] || join "${pair%=*}" "${pair#*=}" "controlPlane:
  localAPIEndpoint: {advertiseAddress: ${pair#*=}, bindPort: 6443}
  certificateKey: $certificate_key"
done
wait
k apply -f - <"$here/probe.yaml" >/dev/null
k wait --for=condition=Ready node --all --timeout=120s >/dev/null
lap 'all nodes are Ready'
for workload in deployment/coredns daemonset/kube-proxy; do k -n kube-system rollout status "$workload" --timeout=120s >/dev/null; done
k rollout status daemonset/probe --timeout=120s >/dev/null
lap 'all pods are Ready'

# The same that the gate tries: from each node to a pod elsewhere, a service by address and by name, and a node's port.
service=$(k get service probe -o "'jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}'")
k get pods -l app=probe -o "'jsonpath={range .items[*]}{.metadata.name} {.status.podIP} {.status.hostIP}{\"\\n\"}{end}'" >"$work/pods"
awk '{ n[NR] = $1; p[NR] = $2; h[NR] = $3 } END { for (i = 1; i <= NR; i++) { j = i % NR + 1; print n[i], p[j], h[j] } }' "$work/pods" >"$work/ring"
while read -r pod ip host; do
  k exec "$pod" -- /agnhost connect --timeout=5s "$ip:8080" </dev/null
  k exec "$pod" -- /agnhost connect --timeout=5s "${service% *}:80" </dev/null
  k exec "$pod" -- /agnhost connect --timeout=5s probe.default.svc.cluster.local:80 </dev/null
  k exec "$pod" -- /agnhost connect --timeout=5s "$host:${service#* }" </dev/null
  k logs "$pod" --tail 1 </dev/null >/dev/null
done <"$work/ring"
lap 'pods reach each other'
for pair in $control_planes $workers; do on "${pair#*=}" -O exit 2>/dev/null || :; done
