import type {Script} from '../../base/script.ts';
import {kubectl} from '../../facts/kubectl.ts';
import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';
import type {KubeadmPhaseSpec} from '../kubeadm-phase.ts';
import {JOB, PLACES} from './places.ts';
import {withConfig, withPrograms} from './programs.ts';
import {writeRecord} from './record.ts';
import {ASIDE, staticPods} from './static-pod.ts';

const ask = sh`${kubectl(PLACES.admin, 10)} --namespace kube-system`;

/** Does a phase again, waits for what it restarts, and records it last: a run that dies in between repeats it. */
export function repeatPhase(spec: KubeadmPhaseSpec): Detached {
  const command = ['kubeadm', ...spec.phase];
  const program = lines([
    withPrograms,
    ...(spec.node === undefined ? [] : [staticPods(spec.files, spec.node)]),
    ...(spec.certificate ? [forget(spec.certificate.path)] : []),
    sh`${withConfig(spec.config, spec.node === undefined ? command : [...ASIDE, ...command])} || exit`,
    ...(spec.node === undefined ? [] : [sh`exchange "$@" || exit`]),
    ...spec.rollout.map(restarted),
    writeRecord(spec),
  ]);
  return {
    step: 'detached',
    job: JOB,
    program: {...program, display: sh`${command} --config /dev/stdin`.display},
  };
}

/** kubeadm keeps a certificate that is there. What is running has it in memory meanwhile. */
const forget = (certificate: string): Script => sh`rm -f -- ${certificate} ${keyOf(certificate)}`;

/** Where the key of a certificate is. */
export const keyOf = (certificate: string): string => certificate.replace(/\.crt$/, '.key');

const restarted = (workload: string): Script => sh`${ask} rollout restart ${workload} || exit
${ask} rollout status ${workload} --timeout 5m || exit`;
