import {stat} from 'node:fs/promises';
import type {BundleIndex} from '../artifacts/bundle.ts';
import type {Sources} from '../artifacts/collect.ts';
import {ArtifactError} from '../artifacts/download.ts';
import type {Needs} from '../artifacts/needs.ts';
import {visibleLine} from '../base/visible.ts';
import type {HostProfile} from '../model/profile.ts';
import {count} from '../report/host-list.ts';
import {downloadsOf, openBundle} from './bundle-flag.ts';
import {EXIT} from './exit-codes.ts';
import type {ProjectFlags, SelectionFlags} from './flags.ts';
import {Mistake} from './mistakes.ts';
import {load, withInventory} from './project.ts';
import type {World} from './world.ts';

export type BundleCreateFlags = ProjectFlags &
  SelectionFlags & {
    readonly out: string;
    readonly from: readonly string[];
    readonly arch: readonly string[];
  };

/** `provision bundle create`: the graph says what is needed, and each file is there with its digest or the bundle is not. */
export async function create(
  inventory: readonly string[],
  given: BundleCreateFlags,
  world: World,
): Promise<number> {
  const flags = withInventory(given, inventory, world);
  const {needsOf} = await import('../artifacts/needs.ts');
  const {graph} = await load(flags, world, {offered: () => true});
  const needs = needsOf(graph, await profilesOf(flags.arch));
  const index = await written(needs, flags, world);
  world.out.write(`${flags.out}: ${summaryOf(index)}, ${inMb((await stat(flags.out)).size)} MB.\n`);
  return EXIT.done;
}

/** One small Debian server of each architecture: nothing that is brought depends on more of a host than that. */
async function profilesOf(architectures: readonly string[]): Promise<readonly HostProfile[]> {
  const {SAMPLE_PROFILE} = await import('../compile/samples.ts');
  return architectures.map((arch) => ({...SAMPLE_PROFILE, arch}));
}

async function written(
  needs: Needs,
  {out, from, arch}: BundleCreateFlags,
  world: World,
): Promise<BundleIndex> {
  const {collect} = await import('../artifacts/collect.ts');
  const {writeBundle} = await import('../artifacts/write-bundle.ts');
  const found = (line: string): void => world.err.write(`${visibleLine(line)}\n`);
  const sources: Sources = {directories: from, cache: await downloadsOf(world), architectures: arch, found};
  const {index, paths, missing} = await collect(needs, sources).catch(asMistake);
  if (missing.length > 0) throw new Mistake(...missing.map(mistakeOf));
  await writeBundle(out, index, (sha256) => ({file: paths.get(sha256) ?? ''}));
  return index;
}

function asMistake(error: unknown): never {
  throw error instanceof ArtifactError ? new Mistake(mistakeOf(error)) : error;
}

const mistakeOf = ({code, message}: ArtifactError) => ({code, severity: 'error', detail: message}) as const;

/** `provision bundle verify`: reads every byte. */
export async function verify(path: string, world: World): Promise<number> {
  const bundle = await openBundle(path);
  const faults = await bundle.faults();
  if (faults.length > 0)
    throw new Mistake(...faults.map((detail) => ({code: 'E702', severity: 'error', detail}) as const));
  world.out.write(`Nothing is wrong: ${summaryOf(bundle.index)}.\n`);
  return EXIT.done;
}

/** `provision bundle show`: the index, for people or for programs. */
export async function show(path: string, format: 'text' | 'json', world: World): Promise<number> {
  const {index} = await openBundle(path);
  world.out.write(format === 'json' ? `${JSON.stringify(index, undefined, 2)}\n` : asText(index));
  return EXIT.done;
}

function asText(index: BundleIndex): string {
  const lines = index.files.map(({sha256, size, tasks, source}) => {
    const what = tasks.length > 0 ? tasks.join('; ') : source;
    return `${sha256.slice(0, 12)}  ${inMb(size).padStart(7)} MB  ${visibleLine(what)}\n`;
  });
  return `${lines.join('')}${summaryOf(index)}, for ${index.architectures.join(' and ')}.\n`;
}

const summaryOf = ({files, images}: BundleIndex): string =>
  `${count(files.length, 'file')}${images.length > 0 ? `, ${count(images.length, 'image')} from registries among them` : ''}`;

const inMb = (bytes: number): string => (bytes / 1e6).toFixed(1);
