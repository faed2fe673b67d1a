import type {Script} from '../../base/script.ts';
import {kubectl} from '../../facts/kubectl.ts';
import type {ObjectReference} from '../../facts/object-reference.ts';
import {ownEndpoint} from '../../facts/own-endpoint.ts';
import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';
import type {KubeadmPhaseSpec} from '../kubeadm-phase.ts';
import {runningOf} from './made-objects.ts';
import {JOB, PLACES} from './places.ts';
import {validated, withPrograms} from './programs.ts';
import {writeRecord} from './record.ts';
import {ASIDE, staticPods} from './static-pod.ts';

const ask = sh`${kubectl(PLACES.admin, 10)} --namespace kube-system`;

/** Does a phase again, waits for what it restarts, and records it last: a run that dies in between repeats it. */
export function repeatPhase(spec: KubeadmPhaseSpec, missing: readonly ObjectReference[]): Detached {
  const command = ['kubeadm', ...spec.phase];
  const forAll = isForAll(spec);
  const adapt = forAll ? sh`own_endpoint | ` : sh``;
  const pods = spec.node === undefined ? undefined : staticPods(spec.files, spec.node);
  const program = lines([
    withPrograms,
    validated(spec.config),
    ...(pods ? [pods] : []),
    ...(spec.certificate ? [forget(spec.certificate.path)] : []),
    ...(forAll ? [ownEndpoint] : []),
    sh`printf '%s\\n' "$config" | ${adapt}${pods ? ASIDE : []} ${command} --config /dev/stdin || exit`,
    ...(pods ? [sh`exchange "$@" || exit`] : []),
    ...runningOf(spec.rollout, missing).map(restarted),
    ...spec.rollout.map(rolledOut),
    writeRecord(spec),
  ]);
  return {
    step: 'detached',
    job: JOB,
    program: {...program, display: sh`${command} --config /dev/stdin`.display},
  };
}

/** Nothing on the host itself comes of it: one control plane does it, and any of them may. */
const isForAll = ({node, certificate, files}: KubeadmPhaseSpec): boolean =>
  node === undefined && certificate === undefined && files.length === 0;

/** kubeadm keeps a certificate that is there. What is running has it in memory meanwhile. */
const forget = (certificate: string): Script => sh`rm -f -- ${certificate} ${keyOf(certificate)}`;

/** Where the key of a certificate is. */
export const keyOf = (certificate: string): string => certificate.replace(/\.crt$/, '.key');

const restarted = (workload: string): Script => sh`${ask} rollout restart ${workload} || exit`;
const rolledOut = (workload: string): Script => sh`${ask} rollout status ${workload} --timeout 5m || exit`;
