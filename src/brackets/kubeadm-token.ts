import {parseDuration} from '../base/duration.ts';
import {Secret, type Text} from '../base/secret.ts';
import {ADMIN, kubectl, PROGRAM_PATH} from '../facts/kubectl.ts';
import {stat} from '../facts/stat.ts';
import type {Outputs} from '../model/resource.ts';
import {sh} from '../shell/sh.ts';
import {controlPlaneFacts, isControlPlane} from './control-plane.ts';
import {defineBracket} from './define.ts';

interface KubeadmTokenSpec {
  readonly ttl: string | number;
}

/** Names of tokens that are open, a file each: a later run takes back what a dead one gave. */
const MARKS = '/run/provision/kubeadm-tokens';
const KUBECTL = sh`${kubectl(ADMIN, 30)} --namespace kube-system`;

/** Five bits of each byte: 10 characters are 50 bits, the 16 of a token's secret part are 80. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export default defineBracket<KubeadmTokenSpec>({
  kind: 'kubeadm_token',
  summary: 'A bootstrap token with which hosts join a cluster. It exists only while they do.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ttl: {
        description: 'After that the cluster takes it back, whatever happens to the run: `30m`, or seconds.',
        type: ['string', 'number'],
        pattern: '^(\\d+(\\.\\d+)?|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$',
        default: '1h',
      },
    },
  },

  key: () => 'kubeadm:token',
  facts: () => [stat(MARKS), ...controlPlaneFacts()],

  open: ({ttl}, _facts, outputs) => {
    const [id = '', secret = ''] = partsOf(outputs);
    const seconds = Math.ceil((parseDuration(ttl) ?? 3_600_000) / 1_000);
    return [
      sh`${PROGRAM_PATH}; umask 077; mkdir -p ${MARKS} && : >${MARKS}/${id} || exit
expires=$(($(date +%s) + ${seconds})); expires=$(date -u -d "@$expires" +%Y-%m-%dT%H:%M:%SZ) || exit
printf '%s\\n' ${manifestOf(id, secret)} "  expiration: \\"$expires\\"" | ${KUBECTL} create --filename -`,
    ];
  },

  // Others may have one open in the same run; without one of its own it is a dead run's that are taken back, all of them.
  close: (_spec, _facts, outputs) => {
    const [id = ''] = partsOf(outputs);
    return [
      sh`${PROGRAM_PATH}
if [ -e ${MARKS}/${id} ]; then set -- ${MARKS}/${id}; else set -- ${MARKS}/*; fi
for mark do
  [ -e "$mark" ] || continue
  ${KUBECTL} delete secret "bootstrap-token-\${mark##*/}" --ignore-not-found || exit
  rm -f -- "$mark"
done
rmdir -- ${MARKS} 2>/dev/null || :`,
    ];
  },

  leftOpen: (_spec, facts) => facts.get(stat(MARKS)).state === 'known',
  suits: (_spec, facts) => isControlPlane(facts),

  outputs: {
    schema: {
      type: 'object',
      properties: {token: {description: 'The token, as kubeadm wants it.', type: 'string'}},
    },
    make: (_spec, random) => ({
      token: new Secret(`${lettersOf(random(6))}.${lettersOf(random(16))}`),
    }),
  },

  examples: [
    {
      title: 'gives a token, and takes it back',
      spec: {ttl: '30m'},
      open: [
        `${PROGRAM_PATH.display}; umask 077; mkdir -p ${MARKS} && : >${MARKS}/aaaaaa || exit
expires=$(($(date +%s) + 1800)); expires=$(date -u -d "@$expires" +%Y-%m-%dT%H:%M:%SZ) || exit
printf '%s\\n' *** "  expiration: \\"$expires\\"" | ${KUBECTL.display} create --filename -`,
      ],
      close: [
        `${PROGRAM_PATH.display}
if [ -e ${MARKS}/aaaaaa ]; then set -- ${MARKS}/aaaaaa; else set -- ${MARKS}/*; fi
for mark do
  [ -e "$mark" ] || continue
  ${KUBECTL.display} delete secret "bootstrap-token-\${mark##*/}" --ignore-not-found || exit
  rm -f -- "$mark"
done
rmdir -- ${MARKS} 2>/dev/null || :`,
      ],
    },
  ],
});

const lettersOf = (bytes: Uint8Array): string => [...bytes].map((byte) => ALPHABET[byte % 32]).join('');

/** The part before the dot is a name, and no secret. */
function partsOf({token}: Outputs): readonly string[] {
  return token instanceof Secret ? token.reveal().split('.') : [];
}

/** It can authenticate, and signs nothing: whoever joins knows the authority already. */
function manifestOf(id: string, secret: string): Text {
  return new Secret(`apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-${id}, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  description: Made by provision for hosts that join, and taken back when they have.
  token-id: ${id}
  token-secret: ${secret}
  usage-bootstrap-authentication: "true"
  auth-extra-groups: system:bootstrappers:kubeadm:default-node-token`);
}
