import type {Manager} from '../package/manager.ts';

/** A source of packages as a task wants it. */
export interface PackageRepositorySpec {
  readonly name: string;
  readonly description?: string;
  readonly uris: readonly string[];
  readonly types: readonly ('deb' | 'deb-src')[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  readonly key?: RepositoryKey;
  readonly gpgcheck: boolean;
  readonly enabled: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly use: 'auto' | Manager;
  readonly state: 'present' | 'absent';
}

/** The key that signs a repository: its text, or a file known by its digest. */
export interface RepositoryKey {
  readonly content?: string;
  readonly src?: string;
  readonly url?: string;
  readonly sha256?: string;
}

/** Where a repository and its key are kept. */
export interface RepositoryPlaces {
  /** `undefined`: lines of a file that all repositories share. */
  readonly file: string | undefined;
  readonly key: string;
}

/** By the name of the repository, so that two tasks never share a file. */
export const placesOf = (manager: Manager, spec: PackageRepositorySpec): RepositoryPlaces =>
  PLACES[manager](spec.name, spec.key);

const PLACES: Readonly<Record<Manager, (name: string, key: RepositoryKey | undefined) => RepositoryPlaces>> =
  {
    apt: (name, key) => ({
      file: `/etc/apt/sources.list.d/${name}.sources`,
      key: `/etc/apt/keyrings/${name}.${formatOf(key)}`,
    }),
    dnf: (name) => ({file: `/etc/yum.repos.d/${name}.repo`, key: rpmKey(name)}),
    zypper: (name) => ({file: `/etc/zypp/repos.d/${name}.repo`, key: rpmKey(name)}),
    apk: (name) => ({file: undefined, key: `/etc/apk/keys/${name}.rsa.pub`}),
  };

const rpmKey = (name: string): string => `/etc/pki/rpm-gpg/${name}.asc`;

/** apt tells the two formats of a keyring by the suffix alone. */
const formatOf = (key: RepositoryKey | undefined): 'gpg' | 'asc' =>
  /\.(gpg|pgp|kbx)$/.test(key?.src ?? key?.url ?? '') ? 'gpg' : 'asc';

/** The whole file of a repository. */
export function contentOf(manager: Exclude<Manager, 'apk'>, spec: PackageRepositorySpec): string {
  const key = spec.key && placesOf(manager, spec).key;
  return manager === 'apt' ? deb822(spec, key) : repo(manager, spec, key);
}

function deb822(spec: PackageRepositorySpec, key: string | undefined): string {
  const fields: Readonly<Record<string, string | undefined>> = {
    Enabled: spec.enabled ? undefined : 'no',
    Types: spec.types.join(' '),
    URIs: spec.uris.join(' '),
    Suites: spec.suites.join(' '),
    Components: spec.components.join(' ') || undefined,
    Architectures: spec.architectures.join(' ') || undefined,
    'Signed-By': key,
    Trusted: spec.gpgcheck ? undefined : 'yes',
    ...spec.options,
  };
  return written(fields, ': ');
}

function repo(manager: 'dnf' | 'zypper', spec: PackageRepositorySpec, key: string | undefined): string {
  const fields: Readonly<Record<string, string | undefined>> = {
    name: spec.description ?? spec.name,
    baseurl: spec.uris.join(' ') || undefined,
    enabled: spec.enabled ? '1' : '0',
    gpgcheck: spec.gpgcheck ? '1' : '0',
    gpgkey: key && `file://${key}`,
    ...(manager === 'zypper' ? {autorefresh: '1', type: 'rpm-md'} : {}),
    ...spec.options,
  };
  return `[${spec.name}]\n${written(fields, '=')}`;
}

const written = (fields: Readonly<Record<string, string | undefined>>, between: string): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}${between}${value}\n`]))
    .join('');

/** The lines of /etc/apk/repositories with those of this repository in their place, or at the end, or without. */
export function apkLines(text: string, {uris, enabled, state}: PackageRepositorySpec): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isWanted = state === 'present' && enabled;
  const bare = (line: string): string => line.replace(/^\s*#?\s*/, '').trim();
  const kept = lines.filter((line) => !uris.includes(bare(line)) || (isWanted && uris.includes(line.trim())));
  const missing = isWanted ? uris.filter((uri) => !kept.some((line) => line.trim() === uri)) : [];
  return kept.length === lines.length && missing.length === 0
    ? text
    : [...kept, ...missing].map((line) => `${line}\n`).join('');
}
