import type {Script} from '../../base/script.ts';
import {kubectl} from '../../facts/kubectl.ts';
import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';
import type {KubeadmPhaseSpec} from '../kubeadm-phase.ts';
import {JOB, PLACES} from './places.ts';
import {withConfig, withPrograms} from './programs.ts';
import {writeRecord} from './record.ts';

const ask = sh`${kubectl(PLACES.admin, 10)} --namespace kube-system`;

/** Does a phase again, waits for what it restarts, and records it last: a run that dies in between repeats it. */
export function repeatPhase(spec: KubeadmPhaseSpec): Detached {
  const command = ['kubeadm', ...spec.phase];
  const program = lines([
    withPrograms,
    ...(spec.node === undefined ? [] : [watching(spec.files, spec.node)]),
    ...(spec.certificate ? [forget(spec.certificate.path)] : []),
    sh`${withConfig(spec.config, command)} || exit`,
    ...(spec.node === undefined ? [] : [sh`await_pods "$@" || exit`]),
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

/**
 * A static pod is the new one when the kubelet has put another hash on it: that some pod is ready proves nothing
 * while the old one still answers. The API itself may be away in between.
 */
const watching = (manifests: readonly string[], node: string): Script => sh`seen_of() {
  pod=\${1##*/}
  ${ask} get pod "\${pod%.yaml}-"${node} --ignore-not-found --output \\
    'jsonpath={.metadata.annotations.kubernetes\\.io/config\\.hash} {.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null
}
digest_of() { if [ -f "$1" ]; then sha256sum <"$1"; else echo absent; fi; }
set --
for file in ${manifests}; do set -- "$@" "$file" "$(digest_of "$file")" "$(seen_of "$file")"; done
await_pods() {
  while [ "$#" -ge 3 ]; do
    [ "$(digest_of "$1")" = "$2" ] || await_pod "$1" "\${3%% *}" || return
    shift 3
  done
}
await_pod() {
  count=0
  until now=$(seen_of "$1") && [ "\${now%% *}" != "$2" ] && [ "\${now##* }" = True ]; do
    count=$((count + 1))
    [ "$count" -lt 240 ] || { echo "The new pod of $1 does not get ready" >&2; return 1; }
    sleep 1
  done
}`;
