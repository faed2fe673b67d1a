import {type Command, Option} from 'commander';
import {ADMIN} from '../facts/kubectl.ts';
import {connectionFlags, type ProjectFlags, projectFlags} from './flags.ts';
import type {KubeconfigFlags} from './kubeconfig.ts';
import type {Act} from './program.ts';
import type {StatusFlags} from './status.ts';
import type {World} from './world.ts';

/** What asks a cluster that is there. */
export function addClusterCommands(program: Command, world: World, act: Act): void {
  addStatus(program, world, act);
  addKubeconfig(program, world, act);
}

function addStatus(program: Command, world: World, act: Act): void {
  const status = program
    .command('status')
    .argument('[inventory...]', 'inventory files or directories')
    .description('Show how the cluster is: nodes, API servers, system pods, etcd. Changes nothing.');
  for (const add of [projectFlags, connectionFlags]) add(status);
  status
    .option(
      '--probe',
      'try DNS, services and the network with pods in a namespace that is removed afterwards',
    )
    .option('--probe-image <image>', "of these pods (default: as the playbook's gate says)")
    .option('--kubeconfig <path>', "on a control plane (default: as the playbook's gate says)")
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .action((named: readonly string[], flags: StatusFlags) =>
      act(async () => (await import('./status.ts')).status(withNamed(flags, named), world)),
    );
}

function addKubeconfig(program: Command, world: World, act: Act): void {
  const kubeconfig = program
    .command('kubeconfig')
    .argument('[inventory...]', 'inventory files or directories')
    .description(
      "Fetch the administrator's kubeconfig from a control plane, with an address that works from here.",
    );
  for (const add of [projectFlags, connectionFlags]) add(kubeconfig);
  kubeconfig
    .option('--merge', 'put it into $KUBECONFIG or ~/.kube/config, beside what is there')
    .option('--out <file>', 'write it to a file, or merge it into that one (default: print it)')
    .option('--name <name>', 'what the cluster and the context are called (default: as the cluster is)')
    .option('--server <url>', 'the address of the API (default: the one by which the host is reached)')
    .option('--kubeconfig <path>', 'on a control plane', ADMIN)
    .action((named: readonly string[], flags: KubeconfigFlags) =>
      act(async () => (await import('./kubeconfig.ts')).kubeconfig(withNamed(flags, named), world)),
    );
}

/** Inventories may be named as for a run, or by `-i`. */
const withNamed = <Flags extends ProjectFlags>(flags: Flags, named: readonly string[]): Flags => ({
  ...flags,
  inventory: [...named, ...flags.inventory],
});
