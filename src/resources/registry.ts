import archive from './archive.ts';
import artifact from './artifact.ts';
import check from './check.ts';
import command from './command.ts';
import copy from './copy.ts';
import type {ResourceDefinition} from './define.ts';
import file from './file.ts';
import group from './group.ts';
import hostname from './hostname.ts';
import hostsEntry from './hosts-entry.ts';
import kernelModule from './kernel-module.ts';
import kubeadmInit from './kubeadm-init.ts';
import kubeadmJoin from './kubeadm-join.ts';
import kubeadmPhase from './kubeadm-phase.ts';
import kubernetesNode from './kubernetes-node.ts';
import kubernetesObject from './kubernetes-object.ts';
import package_ from './package.ts';
import packageRepository from './package-repository.ts';
import reboot from './reboot.ts';
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
    check,
    command,
    copy,
    file,
    group,
    hostname,
    hostsEntry,
    kernelModule,
    kubeadmInit,
    kubeadmJoin,
    kubeadmPhase,
    kubernetesNode,
    kubernetesObject,
    package_,
    packageRepository,
    reboot,
    swap,
    sysctl,
    systemdUnit,
    template,
    user,
    waitFor,
  ].map((type) => [type.kind, type]),
);
