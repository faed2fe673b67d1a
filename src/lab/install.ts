import {LabError} from './lab-error.ts';
import {must} from './run.ts';
import {labSupport, missingPackages} from './support.ts';

/** Makes sure that a lab can run here; `mayInstall` is asked before packages are installed on this machine. */
export async function prepareMachine(
  mayInstall: (packages: readonly string[]) => Promise<boolean>,
): Promise<void> {
  const support = labSupport();
  if (!support.ok) throw new LabError(`A lab cannot run here: ${support.reason}.`);
  const packages = missingPackages();
  if (packages.length === 0) return;
  if (!(await mayInstall(packages))) {
    const hint = 'Install them, or let `provision lab up --yes` do it.';
    throw new LabError(`A lab needs these packages: ${packages.join(', ')}.`, hint);
  }
  await must(['apt-get', 'update', '-q']);
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive'] as const;
  await must([...quietly, 'apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages]);
}
