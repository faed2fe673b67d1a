import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {kubectl, PROGRAM_PATH} from './kubectl.ts';
import {oneEach} from './records.ts';

/** A node as the cluster knows it. */
export interface ClusterNode {
  readonly name: string;
  /** Its own addresses. */
  readonly addresses: readonly string[];
  /** The networks from which its pods have their addresses; none as long as the cluster has given it none. */
  readonly pod_cidrs: readonly string[];
}

const NODES =
  '{{range .items}}{{.metadata.name}}|{{range .status.addresses}}{{if eq .type "InternalIP"}}{{.address}} {{end}}{{end}}|{{range .spec.podCIDRs}}{{.}} {{end}}{{"\\n"}}{{end}}';

const kind: FactKind<readonly ClusterNode[]> = {
  name: 'kubernetes_nodes',
  summary:
    'The nodes of a cluster, sorted: `name`, `addresses`, `pod_cidrs`. Key: the kubeconfig with which the host asks.',
  program: (kubeconfigs) => sh`${PROGRAM_PATH}
nodes() {
  _told=$(${kubectl({wire: '"$1"', display: '"$1"'}, 20)} get nodes -o go-template=${NODES} 2>&1)
  printf '%s %s\\0' "$?" "$_told"
}
${lines(kubeconfigs.map((kubeconfig) => sh`nodes ${kubeconfig}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record = ''): Answer<readonly ClusterNode[]> {
  const told = record.replace(/^\d* ?/, '');
  if (!record.startsWith('0 ')) return unknown(told.trim() || 'kubectl gave no answer');
  const nodes = told.split('\n').filter((line) => line.includes('|'));
  return known(nodes.map(nodeIn).toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}

function nodeIn(line: string): ClusterNode {
  const [name = '', addresses = '', ranges = ''] = line.split('|');
  const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
  return {name, addresses: words(addresses), pod_cidrs: words(ranges)};
}

/** All nodes that a cluster has, whatever the inventory says. */
export const kubernetesNodes = (kubeconfig: string): FactQuery<readonly ClusterNode[]> => ({
  kind,
  key: kubeconfig,
  subject: 'cluster:nodes',
});
