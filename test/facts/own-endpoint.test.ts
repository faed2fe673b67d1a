import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {ownEndpoint} from '../../src/facts/own-endpoint.ts';

const CONFIG =
  'kind: InitConfiguration\nlocalAPIEndpoint: {advertiseAddress: "10.0.0.11", bindPort: 6443 }\n';
const line = (address: string): string =>
  `kind: InitConfiguration\nlocalAPIEndpoint: {advertiseAddress: "${address}", bindPort: 6443 }\n`;

/** What a configuration is where the manifest of the API server has these flags. */
function passedWith(manifest: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'own-endpoint-'));
  try {
    mkdirSync(join(folder, 'manifests'));
    if (manifest !== undefined) writeFileSync(join(folder, 'manifests/kube-apiserver.yaml'), manifest);
    const program = ownEndpoint.wire.replaceAll('/etc/kubernetes/', `${folder}/`);
    return execFileSync('sh', ['-c', `${program}\nown_endpoint`], {input: CONFIG, encoding: 'utf8'});
  } finally {
    rmSync(folder, {recursive: true});
  }
}

test.each([
  ['of another control plane', '    - --advertise-address=10.0.0.12\n', line('10.0.0.12')],
  ['of version 6', '    - --advertise-address=fd00::12\n', line('fd00::12')],
  ['that is none', '    - --advertise-address=a/b\n', CONFIG],
  ['that is nowhere', '    - --allow-privileged=true\n', CONFIG],
])('a configuration gets the address of the API server beside it: %s', (_, manifest, passed) => {
  expect(passedWith(manifest)).toBe(passed);
});

test('a host without an API server passes it on as it is', () => {
  expect(passedWith(undefined)).toBe(CONFIG);
});
