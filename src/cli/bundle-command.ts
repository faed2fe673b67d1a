import {type Command, Option} from 'commander';
import type {BundleCreateFlags} from './bundle.ts';
import {projectFlags, selectionFlags} from './flags.ts';
import type {Act} from './program.ts';
import type {World} from './world.ts';

/** `provision bundle`: what hosts need that have no way to the internet, in one file. */
export function addBundle(program: Command, world: World, act: Act): void {
  const bundle = program
    .command('bundle')
    .description(
      'Keep all files and images that an inventory needs in one file, for sites without internet.',
    );
  addCreate(bundle, world, act);
  bundle
    .command('verify')
    .description('See that each file in a bundle has its SHA-256.')
    .argument('<file>', 'a bundle')
    .action((file: string) => act(async () => (await import('./bundle.ts')).verify(file, world)));
  bundle
    .command('show')
    .description('List what a bundle holds.')
    .argument('<file>', 'a bundle')
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .action((file: string, flags: {readonly format: 'text' | 'json'}) =>
      act(async () => (await import('./bundle.ts')).show(file, flags.format, world)),
    );
}

function addCreate(bundle: Command, world: World, act: Act): void {
  const create = bundle
    .command('create')
    .description('Make a bundle of exactly what an inventory needs. No host is contacted.');
  for (const add of [projectFlags, selectionFlags]) add(create);
  create
    .argument('[inventory...]', 'inventory files or directories')
    .requiredOption('--out <file>', 'the bundle')
    .option('--from <directory...>', 'take files from here first, by name or digest', [])
    .option('--arch <architecture...>', 'of the hosts', ['amd64'])
    .action((inventory: string[], flags: BundleCreateFlags) =>
      act(async () => (await import('./bundle.ts')).create(inventory, flags, world)),
    );
}
