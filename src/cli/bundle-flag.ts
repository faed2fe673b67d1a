import {join} from 'node:path';
import type {Bundle} from '../artifacts/bundle.ts';
import type {DownloadCache} from '../artifacts/download.ts';
import {cacheFolder} from '../base/cache-folder.ts';
import type {Supply} from '../model/supply.ts';
import {Mistake} from './mistakes.ts';
import type {World} from './world.ts';

interface BundleFlag {
  readonly bundle?: string;
}

/** The bundle that was named, if one was. */
export const bundleOf = async ({bundle}: BundleFlag): Promise<Bundle | undefined> =>
  bundle === undefined ? undefined : openBundle(bundle);

/** What is no bundle is a mistake. */
export async function openBundle(path: string): Promise<Bundle> {
  const {Bundle: Opened, BundleError} = await import('../artifacts/bundle.ts');
  try {
    return await Opened.open(path);
  } catch (error) {
    if (error instanceof BundleError) throw notABundle(error.message);
    throw error;
  }
}

const notABundle = (detail: string): Mistake =>
  new Mistake({
    code: 'E703',
    severity: 'error',
    detail,
    hint: 'Copy it again, or make it anew: provision bundle create INVENTORY --out FILE',
  });

/** The words of `-e` by which the roles learn that there is a bundle, and which images have an archive in it. */
export function variablesOf(bundle: Bundle | undefined): readonly string[] {
  if (!bundle) return [];
  const archives = bundle.index.images.map(({name, sha256}) => [name, {src: sha256, sha256}]);
  return [JSON.stringify({from_bundle: true, bundle_image_archives: Object.fromEntries(archives)})];
}

/** Where a run gets the files that it sends. */
export async function supplyOf(flag: BundleFlag, world: World): Promise<Supply> {
  const {ControllerSupply} = await import('../artifacts/controller-supply.ts');
  return new ControllerSupply(await bundleOf(flag), await downloadsOf(world));
}

/** What this user's runs have downloaded, by digest. */
export async function downloadsOf({env}: World): Promise<DownloadCache> {
  const {DownloadCache: Cache} = await import('../artifacts/download.ts');
  return new Cache(join(cacheFolder(env), 'downloads'));
}
