import {spawnSync} from 'node:child_process';
import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {waitForNode} from '../../src/resources/kubernetes-node/taints.ts';
import {TempDir} from '../support/temp-dir.ts';

test('a Node that does not come is told with the way out: its kubelet says why', () => {
  using dir = new TempDir();
  writeFileSync(join(dir.path, 'kubectl'), '#!/bin/sh\necho "error: timed out" >&2; exit 1\n');
  chmodSync(join(dir.path, 'kubectl'), 0o755);
  const ended = spawnSync('sh', ['-c', waitForNode('/none', 'w1', 1000).wire], {
    env: {PATH: `${dir.path}:${process.env['PATH']}`},
    encoding: 'utf8',
  });
  expect(ended.status).toBe(1);
  expect(ended.stderr).toMatch(/^error: timed out\nThe cluster has no Node w1\. .*journalctl -u kubelet/);
});
