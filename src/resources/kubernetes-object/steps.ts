import type {JsonObject} from '../../base/json.ts';
import type {Script} from '../../base/script.ts';
import {Secret} from '../../base/secret.ts';
import {kubectl as kubectlWith, PROGRAM_PATH} from '../../facts/kubectl.ts';
import {type ClusterAccess} from '../../facts/kubernetes-object.ts';
import {bare, listOf, nameOf, type ObjectReference} from '../../facts/object-reference.ts';
import {sh} from '../../shell/sh.ts';

/** Whose fields ours are: the API server remembers it for each of them. */
export const MANAGER = 'provision';

/** kubectl wherever it is, for as long as it takes. */
export const kubectl = (kubeconfig: string): Script => sh`${PROGRAM_PATH} ${kubectlWith(kubeconfig)}`;

/** An object with the name by which people know it. */
export interface Named {
  readonly name: string;
  readonly applied: JsonObject;
}

/** All of them in one call. What is sent may be long and may hold secrets: only the names are shown. */
export function apply({kubeconfig, manager}: ClusterAccess, objects: readonly Named[]): Script {
  const list = listOf(objects.map(({applied}) => applied));
  const words = sh`apply --server-side --force-conflicts --field-manager ${manager} -f -`;
  const {wire} = sh`printf '%s' ${new Secret(list)} | ${kubectl(kubeconfig)} ${words} >/dev/null`;
  return {wire, display: `kubectl apply ${objects.map(({name}) => name).join(', ')}`};
}

/** Kinds that were just defined are served a moment later. */
export function established(kubeconfig: string, definitions: readonly ObjectReference[]): Script {
  const names = definitions.map(({name}) => `customresourcedefinition/${name}`);
  const {wire} =
    sh`${kubectl(kubeconfig)} wait --for condition=Established --timeout 60s ${names} >/dev/null`;
  return {wire, display: `kubectl wait --for condition=Established ${names.join(' ')}`};
}

/** The last first: what lives in something goes before it. An object whose kind is gone is gone itself. */
export function remove(kubeconfig: string, objects: readonly ObjectReference[]): Script {
  const reversed = objects.toReversed();
  const {wire} = sh`errors=$(printf '%s' ${listOf(reversed.map(bare))} |
  ${kubectl(kubeconfig)} delete --ignore-not-found -f - 2>&1 >/dev/null) || {
  printf '%s\\n' "$errors" | grep -v -e '^$' -e '^Warning:' -e 'no matches for kind' -e 'ensure CRDs are installed first' >&2 && exit 1
  :
}`;
  return {wire, display: `kubectl delete ${reversed.map(nameOf).join(', ')}`};
}
