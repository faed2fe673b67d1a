import {type Json, jsonAt} from '../base/json.ts';
import {visibleLine} from '../base/visible.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import type {Host} from '../model/host.ts';
import type {Session} from '../shell/session.ts';
import {sh} from '../shell/sh.ts';
import {readDocuments} from '../yaml/documents.ts';
import {askInTurn} from './ask-in-turn.ts';
import {EXIT} from './exit-codes.ts';
import type {ConnectionFlags, ProjectFlags} from './flags.ts';
import {hostsOf, loadNames} from './hosts.ts';
import {type Access, changeKubeconfig, kubeconfigWith, usualKubeconfig} from './kubeconfig-file.ts';
import {userOf} from './on-hosts.ts';
import {withInventory} from './project.ts';
import type {World} from './world.ts';

export type KubeconfigFlags = ProjectFlags &
  ConnectionFlags & {
    readonly out?: string;
    readonly merge?: boolean;
    readonly name?: string;
    readonly server?: string;
    readonly kubeconfig: string;
  };

/** `provision kubeconfig`: the administrator's way into the cluster, for the machine that this is typed on. */
export async function kubeconfig(flags: KubeconfigFlags, world: World): Promise<number> {
  const hosts = await hostsOf('kube_control_plane', flags, world);
  const keepsServer = await hasBalancer(flags, world);
  return askInTurn(
    {
      hosts,
      ask: (session, host) => accessAt(session, host, flags.kubeconfig),
      tell: (found, host) => deliver(forHere(found, host, flags, keepsServer), flags, world),
    },
    flags,
    world,
  );
}

/** What stands before the API servers is reached from everywhere; their own addresses may be those of a cloud. */
async function hasBalancer(flags: KubeconfigFlags, world: World): Promise<boolean> {
  const {inventory, variables} = await loadNames(withInventory(flags, [], world), world, new Problems());
  return [...inventory.hosts.keys()].some(
    (name) => variables.of(name).get('loadbalancer_apiserver') !== undefined,
  );
}

/** What the host has, or why it could not tell it. */
async function accessAt(session: Session, host: Host, path: string): Promise<Access | string> {
  await session.protect();
  const shell = await session.shell(userOf(host));
  const read = await shell.send(sh`cat -- ${path}`, {onFailure: 'go-on', timeoutMs: 30_000});
  if (read === 'skipped') return 'not asked';
  const text = new TextDecoder().decode(read.exitCode === 0 ? read.stdout : read.stderr);
  return read.exitCode === 0 ? accessIn(text) : visibleLine(text.trim());
}

/** What a kubeconfig of kubeadm says: one cluster, one user. */
function accessIn(text: string): Access | string {
  const documents = readDocuments(text);
  const [config] = typeof documents === 'string' ? [] : documents;
  const first = (list: string): Json | undefined => {
    const items = jsonAt(config, list);
    return Array.isArray(items) ? items[0] : undefined;
  };
  const [cluster, user] = [first('clusters'), first('users')];
  const access = {
    name: word(cluster, 'name'),
    server: word(cluster, 'cluster', 'server'),
    authority: word(cluster, 'cluster', 'certificate-authority-data'),
    certificate: word(user, 'user', 'client-certificate-data'),
    key: word(user, 'user', 'client-key-data'),
  };
  const isWhole = Object.values(access).every((part) => part !== '');
  return isWhole ? access : 'its kubeconfig has no cluster with a client certificate';
}

function word(value: Json | undefined, ...path: readonly string[]): string {
  const found = jsonAt(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** With the address by which this machine has just reached the host, unless another one is better. */
function forHere(found: Access, {connection}: Host, flags: KubeconfigFlags, keepsServer: boolean): Access {
  const name = flags.name ?? found.name;
  if (flags.server !== undefined) return {...found, name, server: flags.server};
  if (keepsServer || connection.transport === 'local') return {...found, name};
  const server = new URL(found.server);
  server.hostname = connection.address.includes(':') ? `[${connection.address}]` : connection.address;
  return {...found, name, server: server.href.replace(/\/$/, '')};
}

async function deliver(access: Access, flags: KubeconfigFlags, world: World): Promise<number> {
  if (flags.merge === true) return merge(access, flags.out ?? usualKubeconfig(world), world);
  const text = kubeconfigWith('', access, flags.out ?? '');
  if (flags.out === undefined) world.out.write(text);
  else await changeKubeconfig(flags.out, () => text);
  return EXIT.done;
}

async function merge(access: Access, file: string, world: World): Promise<number> {
  await changeKubeconfig(file, (text) => kubeconfigWith(text, access, file));
  world.err.write(`${file} has the context ${access.name} now: kubectl config use-context ${access.name}\n`);
  return EXIT.done;
}
