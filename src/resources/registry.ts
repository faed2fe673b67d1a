import archive from './archive.ts';
import artifact from './artifact.ts';
import certificate from './certificate.ts';
import check from './check.ts';
import command from './command.ts';
import containerImage from './container-image.ts';
import copy from './copy.ts';
import type {ResourceDefinition} from './define.ts';
import encryptionConfiguration from './encryption-configuration.ts';
import etcdMember from './etcd-member.ts';
import file from './file.ts';
import group from './group.ts';
import hostname from './hostname.ts';
import hostsEntry from './hosts-entry.ts';
import kernelModule from './kernel-module.ts';
import kubeadmInit from './kubeadm-init.ts';
import kubeadmJoin from './kubeadm-join.ts';
import kubeadmPhase from './kubeadm-phase.ts';
import kubeadmReset from './kubeadm-reset.ts';
import kubeletCertificate from './kubelet-certificate.ts';
import kubeletRegistration from './kubelet-registration.ts';
import kubernetesNode from './kubernetes-node.ts';
import kubernetesNodes from './kubernetes-nodes.ts';
import kubernetesObject from './kubernetes-object.ts';
import look from './look.ts';
import package_ from './package.ts';
import packageRepository from './package-repository.ts';
import packetFilter from './packet-filter.ts';
import randomSecret from './random-secret.ts';
import reboot from './reboot.ts';
import routes from './routes.ts';
import stackedEtcdMember from './stacked-etcd-member.ts';
import swap from './swap.ts';
import sysctl from './sysctl.ts';
import systemdUnit from './systemd-unit.ts';
import template from './template.ts';
import user from './user.ts';
import waitFor from './wait-for.ts';

/** Every resource type, by its kind, in the order of the alphabet. */
export const RESOURCES: ReadonlyMap<string, ResourceDefinition> = new Map(
  [
    archive,
    artifact,
    certificate,
    check,
    command,
    containerImage,
    copy,
    encryptionConfiguration,
    etcdMember,
    file,
    group,
    hostname,
    hostsEntry,
    kernelModule,
    kubeadmInit,
    kubeadmJoin,
    kubeadmPhase,
    kubeletCertificate,
    kubeletRegistration,
    kubeadmReset,
    kubernetesNode,
    kubernetesNodes,
    kubernetesObject,
    look,
    package_,
    packageRepository,
    packetFilter,
    randomSecret,
    reboot,
    routes,
    stackedEtcdMember,
    swap,
    sysctl,
    systemdUnit,
    template,
    user,
    waitFor,
  ].map((type) => [type.kind, type]),
);
