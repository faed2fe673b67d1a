import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import type {PackageManager} from './package.ts';

/** Whose time says when the index was last refreshed: our refresh touches it, and so does that of most tools. */
export const CACHE_DIRECTORIES = {
  apt: '/var/lib/apt/lists',
  dnf: '/var/cache/dnf',
  zypper: '/var/cache/zypp',
  apk: '/var/cache/apk',
} as const satisfies Readonly<Record<Exclude<PackageManager, 'auto'>, string>>;

const kind: FactKind<'fresh'> = {
  name: 'package_cache',
  summary:
    'Whether a package index (a directory) was refreshed within so many minutes. Key: `minutes directory`.',
  // Decided on the host, by its own clock: no age is compared across hosts.
  program: (keys) => sh`caches() {
  for key; do
    minutes=\${key%% *}; directory=\${key#* }
    if [ -n "$(find "$directory" -maxdepth 0 -mmin "-$minutes" 2>/dev/null)" ]; then printf 'fresh\\0'
    else printf 'stale\\0'
    fi
  done
}
caches ${keys}`,
  parse(output, keys) {
    const words = new TextDecoder().decode(output).split('\0');
    return keys.map((_, index) => answerOf(words[index]));
  },
};

function answerOf(word: string | undefined): Answer<'fresh'> {
  if (word === 'fresh') return known('fresh');
  return word === 'stale' ? ABSENT : unknown('the age of the package index could not be read');
}

/** `1440 /var/lib/apt/lists`: minutes and the directory. */
export const packageCacheOf = (key: string): FactQuery<'fresh'> => ({
  kind,
  key,
  subject: `path:${key.slice(key.indexOf(' ') + 1)}`,
});

/** Known where the index was refreshed within `maxAgeMs`; absent where it is older, or was never made. */
export function packageCache(manager: Exclude<PackageManager, 'auto'>, maxAgeMs: number): FactQuery<'fresh'> {
  return packageCacheOf(`${Math.ceil(maxAgeMs / 60_000)} ${CACHE_DIRECTORIES[manager]}`);
}
