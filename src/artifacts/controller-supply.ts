import type {FileSend} from '../model/step.ts';
import type {SuppliedFile, Supply} from '../model/supply.ts';
import type {Bundle} from './bundle.ts';
import type {DownloadCache} from './download.ts';

/** What the controller has in a bundle, or downloads once for all hosts that need it. */
export class ControllerSupply implements Supply {
  readonly #bundle: Bundle | undefined;
  readonly #cache: DownloadCache;

  constructor(bundle: Bundle | undefined, cache: DownloadCache) {
    this.#bundle = bundle;
    this.#cache = cache;
  }

  async find({sha256, from}: Pick<FileSend, 'sha256' | 'from'>): Promise<SuppliedFile | undefined> {
    const bundled = this.#bundle?.place(sha256);
    if (bundled) return bundled;
    if ('file' in from) return {file: from.file};
    return from.by === 'controller' ? {file: await this.#cache.get(sha256, from.address)} : undefined;
  }
}
