import {Secret, type Text} from '../base/secret.ts';
import {ADMIN, kubectl, PROGRAM_PATH} from '../facts/kubectl.ts';
import {ownEndpoint} from '../facts/own-endpoint.ts';
import {stat} from '../facts/stat.ts';
import type {Outputs} from '../model/resource.ts';
import {sh} from '../shell/sh.ts';
import {controlPlaneFacts, isControlPlane} from './control-plane.ts';
import {defineBracket} from './define.ts';

interface KubeadmCertificateKeySpec {
  readonly config: string;
}

/** Lies where a boot removes it; what it stands for lives two hours at most. */
const MARK = '/run/provision/kubeadm-certs';
const KUBECTL = sh`${kubectl(ADMIN, 30)} --namespace kube-system`;

export default defineBracket<KubeadmCertificateKeySpec>({
  kind: 'kubeadm_certificate_key',
  summary:
    'The keys of the control plane, encrypted in the cluster for those that join. They are there only while they do.',

  schema: {
    type: 'object',
    required: ['config'],
    additionalProperties: false,
    properties: {
      config: {
        description:
          'InitConfiguration, and ClusterConfiguration behind it, for kubeadm as YAML. The key is added to the first.',
        type: 'string',
        pattern: '^apiVersion: kubeadm\\.k8s\\.io/[a-z0-9]+\\nkind: InitConfiguration\\n',
      },
    },
  },

  key: () => 'kubeadm:certificate_key',
  facts: () => [stat(MARK), ...controlPlaneFacts()],

  // On standard input: arguments of programs can be read by everybody.
  open: ({config}, _facts, outputs) => [
    sh`${ownEndpoint}
${PROGRAM_PATH}; mkdir -p /run/provision && : >${MARK} || exit
printf '%s\\n' ${keyOf(outputs)} ${config} | own_endpoint | kubeadm init phase upload-certs --upload-certs --config /dev/stdin`,
  ],

  close: () => [
    sh`${PROGRAM_PATH}
[ ! -e ${MARK} ] || ${KUBECTL} delete secret kubeadm-certs --ignore-not-found || exit
rm -f -- ${MARK}`,
  ],

  leftOpen: (_spec, facts) => facts.get(stat(MARK)).state === 'known',
  suits: (_spec, facts) => isControlPlane(facts),

  outputs: {
    schema: {
      type: 'object',
      properties: {key: {description: 'The key, in hexadecimal.', type: 'string'}},
    },
    make: (_spec, random) => ({key: new Secret(Buffer.from(random(32)).toString('hex'))}),
  },

  examples: [
    {
      title: 'shares the keys, and takes them back',
      spec: {config: 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n'},
      open: [
        `${ownEndpoint.display}
${PROGRAM_PATH.display}; mkdir -p /run/provision && : >${MARK} || exit
printf '%s\\n' *** 'apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
' | own_endpoint | kubeadm init phase upload-certs --upload-certs --config /dev/stdin`,
      ],
      close: [
        `${PROGRAM_PATH.display}
[ ! -e ${MARK} ] || ${KUBECTL.display} delete secret kubeadm-certs --ignore-not-found || exit
rm -f -- ${MARK}`,
      ],
    },
  ],
});

/** A line of InitConfiguration, which comes first: keys of a map have no order. */
function keyOf({key}: Outputs): Text {
  return key instanceof Secret ? new Secret(`certificateKey: ${key.reveal()}`) : '';
}
