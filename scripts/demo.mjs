// `npm run demo`: three lab hosts, a first run that makes a cluster of them, and a second one that has nothing to do.
import {spawnSync} from 'node:child_process';
import {ensurePackages} from './needs.mjs';

const agreed = process.env.CI === 'true' || process.argv.includes('--yes');
const yes = agreed ? ['--yes'] : [];

function provision(...args) {
  console.log(`\n$ provision ${args.join(' ')}`);
  const {status} = spawnSync(process.execPath, ['dist/bin/provision.js', ...args], {stdio: 'inherit'});
  if (status !== 0) process.exit(status ?? 1);
}

function node(...words) {
  const {status} = spawnSync(process.execPath, words, {stdio: 'inherit'});
  if (status !== 0) process.exit(status ?? 1);
}

if (!(await ensurePackages({yes: agreed}))) {
  console.error('The lab needs root on Debian or Ubuntu, and these packages: docs/lab.md.');
  process.exit(1);
}
node('test/lab/artifacts/build.mjs', '--set', 'all');
provision('lab', 'up', '--hosts', '3', ...yes);
provision('lab', 'run', '--', 'inventories/lab/inventory.yaml', '--yes');
const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
provision('lab', 'exec', 'node1', '--', ...kubectl, 'get', 'nodes,pods', '-A');
console.log('\nAgain: nothing is left to do.');
provision('lab', 'run', '--', 'inventories/lab/inventory.yaml', '--yes');
console.log(
  '\nLook around with `node dist/bin/provision.js lab ssh node1`; `npm run demo:down` removes all of it.',
);
