import {existsSync} from 'node:fs';
import {LabError} from './lab-error.ts';
import {must, run} from './run.ts';

/** Where this machine itself gets its system's packages from. */
export interface DebianSource {
  readonly suite: string;
  /** One-line-style entries, the base suite first. */
  readonly lines: readonly string[];
}

const TARGET = '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
const KEYRINGS: Readonly<Record<string, string>> = {
  Debian: '/usr/share/keyrings/debian-archive-keyring.gpg',
  Ubuntu: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
};

/** The system's own sources as apt is set up with them here; those of third parties are left out. */
export async function debianSource(): Promise<DebianSource> {
  if (!(await packageIndex())) await must(['apt-get', 'update', '-q']);
  const source = parseTargets(await packageIndex());
  if (source) return source;
  throw new LabError('apt has no source of Debian or Ubuntu here.', 'Look at /etc/apt/sources.list.d.');
}

const packageIndex = (): Promise<string> =>
  must(['apt-get', 'indextargets', '--format', TARGET, 'Created-By: Packages']);

/** The lines of `apt-get indextargets`, one component each, to sources of one suite and its updates. */
export function parseTargets(output: string): DebianSource | undefined {
  const targets = output.split('\n').map((line) => line.split('|'));
  const own = targets.filter(([origin = '']) => origin in KEYRINGS);
  const suite = own.map(([, codename = '']) => codename.split('-')[0] ?? '').find(Boolean);
  if (!suite) return undefined;
  const lines = own.filter(([, codename = '']) => codename.split('-')[0] === suite).map(sourceLine);
  return {suite, lines: [...new Set(lines)].sort()};
}

function sourceLine([origin = '', , uri, release, component]: readonly string[]): string {
  const keyring = KEYRINGS[origin] ?? '';
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
  return `deb ${signed}${uri} ${release} ${component}`;
}

/** The machine's proxies for apt: mmdebstrap does not read its settings. */
export async function proxySettings(): Promise<readonly string[]> {
  const {stdout} = await run(['apt-config', 'dump']);
  return stdout.split('\n').filter((line) => /^Acquire::https?::Proxy\b/i.test(line));
}
