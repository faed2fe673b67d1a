#!/usr/bin/env node
// Writes the tables in roles/kubernetes_features/defaults.yaml from the list of gates that each minor is released with:
//
//   node scripts/feature-gates.mjs 1.34.5 1.35.8 1.36.3
//
// Its sources are Go modules, fetched by `go mod download`, which checks their sums.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {parse} from 'yaml';

const TARGET = new URL('../roles/kubernetes_features/defaults.yaml', import.meta.url);
const LIST = 'test/compatibility_lifecycle/reference/versioned_feature_list.yaml';
const WIDTH = 108;

const numbersOf = (version) => version.split('.').map(Number);
const isUpTo = (minor) => (spec) => {
  const [major, number] = numbersOf(spec.version);
  const [wantedMajor, wanted] = numbersOf(minor);
  return major < wantedMajor || (major === wantedMajor && number <= wanted);
};

function sourceOf(version, path) {
  const module = `k8s.io/kubernetes@v${version}`;
  const told = execFileSync('go', ['mod', 'download', '-json', module], {
    env: {...process.env, GOFLAGS: '-mod=mod'},
  });
  const {Zip} = JSON.parse(told);
  return execFileSync('unzip', ['-p', Zip, `${module}/${path}`], {encoding: 'utf8', maxBuffer: 1 << 26});
}

function gatesOf(version) {
  const minor = version.split('.').slice(0, 2).join('.');
  const gates = parse(sourceOf(version, LIST)).map(({name, versionedSpecs}) => ({
    name,
    now: versionedSpecs.filter(isUpTo(minor)).at(-1),
  }));
  const known = ['AllAlpha', 'AllBeta', ...gates.filter(({now}) => now).map(({name}) => name)];
  const locked = gates.filter(({now}) => now?.lockToDefault).map(({name, now}) => `${name}=${now.default}`);
  const source = sourceOf(version, 'cmd/kubeadm/app/features/features.go');
  const [, block = ''] = /InitFeatureGates = FeatureList\{\n(.*?)\n\}\n/s.exec(source) ?? [];
  const kubeadm = [...block.matchAll(/^\t([A-Z]\w+):/gm)].map(([, name]) => name);
  return {minor, known: known.toSorted(), locked: locked.toSorted(), kubeadm: kubeadm.toSorted()};
}

function folded(words) {
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== '' && last.length + word.length + 5 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `    ${line}\n`).join('');
}

const releases = process.argv.slice(2).map(gatesOf);
const table = (name, comment, part) =>
  `# ${comment}\n${name}:\n${releases.map((each) => `  "${each.minor}": >-\n${folded(each[part])}`).join('')}`;

const MARK = '# The tables below are made by scripts/feature-gates.mjs.\n';
const [before = ''] = readFileSync(TARGET, 'utf8').split(MARK, 1);
writeFileSync(
  TARGET,
  `${before}${MARK}
${table('kube_known_feature_gates', 'What the components of a minor know.', 'known')}
${table('kube_locked_feature_gates', 'Which of them cannot be set to another value any more.', 'locked')}
${table('kubeadm_known_feature_gates', 'What kubeadm itself knows.', 'kubeadm')}`,
);
