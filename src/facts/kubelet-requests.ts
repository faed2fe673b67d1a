import {groupedBy} from '../base/grouped.ts';
import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {type CertificateRequest, readRequest} from './certificate-request.ts';
import {ADMIN, kubectl, PROGRAM_PATH} from './kubectl.ts';
import {recordsOf} from './records.ts';

/** A request for a certificate that nobody has decided about yet. */
export interface PendingRequest {
  readonly name: string;
  /** Who asks, as the API server knows it, and the groups of that. */
  readonly user: string;
  readonly groups: readonly string[];
  readonly usages: readonly string[];
  /** `undefined` where it cannot be read. */
  readonly request: CertificateRequest | undefined;
}

interface Asked {
  readonly kubeconfig: string;
  readonly node: string;
}

const kind: FactKind<readonly PendingRequest[]> = {
  name: 'kubelet_requests',
  summary:
    'The requests for certificates that the kubelet of a node has made and nobody has decided about. Key: JSON of `kubeconfig` and `node`.',
  program: (keys) =>
    lines(
      groupsOf(keys).map(
        ([kubeconfig]) => sh`{ ${PROGRAM_PATH} ${kubectl(kubeconfig, 20)} get certificatesigningrequests \\
  --field-selector spec.signerName=kubernetes.io/kubelet-serving --output ${TEMPLATE} 2>/dev/null && printf "done"; printf '\\0'; }`,
      ),
    ),
  parse(output, keys) {
    const records = recordsOf(output);
    const found = groupsOf(keys).map(([kubeconfig], index): [string, Answer<readonly PendingRequest[]>] => [
      kubeconfig,
      requestsIn(records[index]),
    ]);
    const answers = new Map(found);
    return keys.map((key) => {
      const {kubeconfig, node} = askedBy(key);
      const answer = answers.get(kubeconfig) ?? SILENT;
      return answer.state === 'known' ? known(answer.value.filter(isOf(node))) : answer;
    });
  },
};

const SILENT = unknown('kubectl gave no answer');
const isOf =
  (node: string) =>
  ({user}: PendingRequest): boolean =>
    user === `system:node:${node}`;

/** A line for each, its fields between tabs: none of them holds one. */
const FIELDS = [
  '{.metadata.name}',
  '{.spec.username}',
  '{.spec.groups}',
  '{.spec.usages}',
  '{.spec.request}',
  '{.status.conditions[*].type}',
];
const TEMPLATE = `jsonpath={range .items[*]}${FIELDS.join('{"\\t"}')}{"\\n"}{end}`;

const askedBy = (key: string): Asked => JSON.parse(key) as Asked; // We made the key.
const groupsOf = (keys: readonly string[]) => [...groupedBy(keys, (key) => askedBy(key).kubeconfig)];

function requestsIn(record: string | undefined): Answer<readonly PendingRequest[]> {
  if (record === undefined || !record.endsWith('done')) return SILENT;
  const rows = record.slice(0, -'done'.length).split('\n').filter(Boolean);
  return known(rows.map((row) => row.split('\t')).flatMap(pendingIn));
}

function pendingIn(fields: readonly string[]): readonly PendingRequest[] {
  const [name = '', user = '', groups = '', usages = '', request = '', decided = ''] = fields;
  if (decided !== '') return [];
  const text = Buffer.from(request, 'base64').toString('latin1');
  return [{name, user, groups: listIn(groups), usages: listIn(usages), request: readRequest(text)}];
}

/** kubectl writes lists as JSON. */
function listIn(text: string): readonly string[] {
  const list: unknown = text === '' ? [] : JSON.parse(text);
  return Array.isArray(list) ? list.map(String) : [];
}

/** What the kubelet of a node asks for. */
export const kubeletRequests = (kubeconfig: string, node: string): FactQuery<readonly PendingRequest[]> => ({
  kind,
  key: JSON.stringify({kubeconfig, node}),
  subject: `cluster:kubelet-certificate/${node}`,
});

/** By its key, as people ask for it: a node of the cluster whose control plane is asked. */
export const kubeletRequestsOf = (key: string): FactQuery<readonly PendingRequest[]> =>
  key.startsWith('{')
    ? kubeletRequests(askedBy(key).kubeconfig, askedBy(key).node)
    : kubeletRequests(ADMIN, key);
