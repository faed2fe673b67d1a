import {gzipSync} from 'node:zlib';
import {expect, test} from 'vitest';
import type {JsonObject} from '../../src/base/json.ts';
import {ADMIN} from '../../src/facts/kubectl.ts';
import {kubernetesObject} from '../../src/facts/kubernetes-object.ts';
import {isRefusalOf} from '../../src/facts/refusal.ts';

const object = (kind: string, name: string): JsonObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {name, namespace: 'kube-system'},
  spec: {},
});

/** What is told of objects that are all there, where trying them ended with these errors. */
function triedOf(objects: readonly JsonObject[], errors: string): readonly unknown[] {
  const queries = objects.map((each) => kubernetesObject({kubeconfig: ADMIN, manager: 'provision'}, each));
  const got = gzipSync(JSON.stringify({kind: 'List', items: objects})).toString('base64');
  const output = Buffer.from([got, '', '', errors].map((record) => `${record}\0`).join(''));
  const answers = queries[0]?.kind.parse(
    output,
    queries.map(({key}) => key),
  );
  return (answers ?? []).map((answer) => (answer.state === 'known' ? answer.value.tried : answer));
}

test('a refusal is told of the object that it names, and of the others that they were not looked at', () => {
  const refusal = 'The Service "kube-dns" is invalid: spec.clusterIPs[0]: may not change once set';
  const objects = [object('ConfigMap', 'coredns'), object('Service', 'kube-dns'), object('Service', 'other')];
  expect(triedOf(objects, refusal)).toEqual([{untold: refusal}, {refused: refusal}, {untold: refusal}]);
});

test('each of two that are refused is told its own refusal', () => {
  const [one, other] = ['Service "a" is invalid: x', 'ConfigMap "b" is invalid: y'];
  const errors = `Warning: old\n${one}\n${other}\n`;
  expect(triedOf([object('Service', 'a'), object('ConfigMap', 'b')], errors)).toEqual([
    {refused: one},
    {refused: other},
  ]);
});

test('an error that names none of the objects blames none', () => {
  const error = 'Error from server (NotFound): namespaces "web" not found';
  expect(triedOf([object('Service', 'a')], error)).toEqual([{untold: error}]);
});

test.each([
  [
    'Error from server (Invalid): Deployment.apps "a" is invalid: spec.selector: field is immutable',
    'apps/v1',
    'Deployment',
  ],
  [
    'Error from server (Forbidden): pods "a" is forbidden: no PriorityClass with name b was found',
    'v1',
    'Pod',
  ],
  ['ingresses.networking.k8s.io "a" is forbidden: no', 'networking.k8s.io/v1', 'Ingress'],
  ['networkpolicies.networking.k8s.io "a" is forbidden: no', 'networking.k8s.io/v1', 'NetworkPolicy'],
  [
    'Error from server: failed to create typed patch object (kube-system/a; /v1, Kind=ConfigMap): .data.a: expected string',
    'v1',
    'ConfigMap',
  ],
  [
    'Error from server: failed to create typed patch object (/a; rbac.authorization.k8s.io/v1, Kind=ClusterRole): .rules: expected list',
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
  ],
])('kubectl names what was refused: %s', (line, apiVersion, kind) => {
  const reference = {apiVersion, kind, namespace: '', name: 'a'};
  expect(isRefusalOf(reference, line)).toBe(true);
  expect(isRefusalOf({...reference, name: 'b'}, line)).toBe(false);
  expect(isRefusalOf({...reference, kind: 'Node'}, line)).toBe(false);
});
