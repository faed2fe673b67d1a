import {chmodSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {describe, expect, test} from 'vitest';
import {containerImage, containerImageOf, type ImageStore} from '../../src/facts/container-image.ts';
import {ABSENT, known} from '../../src/model/answer.ts';
import {askShell} from '../support/ask.ts';
import {SHELLS} from '../support/local-shell.ts';
import {TempDir} from '../support/temp-dir.ts';

const ARCHIVE = 'a'.repeat(64);
/** As ctr of containerd 2.2 prints it. */
const LIST = [
  'REF                            TYPE                                       DIGEST      SIZE      PLATFORMS   LABELS                                                        ',
  `registry.k8s.io/pause:3.10.2   application/vnd.oci.image.manifest.v1+json sha256:0001 303.0 KiB linux/amd64 io.cri-containerd.image=managed,provision.archive=${ARCHIVE} `,
  'registry.k8s.io/pause:3.10     application/vnd.oci.image.index.v1+json    sha256:0002 303.0 KiB linux/amd64,linux/arm64 - ',
].join('\n');

/** A host with a ctr that prints this list. */
async function hostWith(
  directory: TempDir,
  ctr: string,
): Promise<AsyncDisposable & {readonly store: ImageStore}> {
  writeFileSync(directory.at('list'), LIST);
  writeFileSync(directory.at('ctr'), `#!/bin/sh\n${ctr}\n`);
  chmodSync(directory.at('ctr'), 0o755);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(directory.at('sock'), resolve));
  return {
    store: {ctr: directory.at('ctr'), address: directory.at('sock'), namespace: 'k8s.io'},
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe.each(SHELLS)('%s', (_, open) => {
  test('reads many images from one list, each by its whole name', async () => {
    await using shell = open();
    using directory = new TempDir();
    await using host = await hostWith(directory, `cat ${directory.at('list')}`);
    const names = ['registry.k8s.io/pause:3.10.2', 'registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3'];
    const answers = await askShell(
      [
        ...names.map((name) => containerImage(name, host.store)),
        containerImage('x', {...host.store, ctr: '/no/ctr'}),
      ],
      shell,
    );
    expect(answers).toEqual([
      known({digest: 'sha256:0001', archive: ARCHIVE}),
      known({digest: 'sha256:0002'}),
      ABSENT,
      ABSENT,
    ]);
  });
});

test('a key may be the name alone', () => {
  expect(containerImageOf('registry.k8s.io/pause:3').subject).toBe(
    containerImage('registry.k8s.io/pause:3').subject,
  );
});
