import {defineConfig} from 'vitest/config';
import {LongestFirst} from './test/support/file-order.ts';

export default defineConfig({
  test: {
    sequence: {shuffle: true, sequencer: LongestFirst},
    projects: [
      {
        extends: true,
        test: {name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'], testTimeout: 30_000},
      },
      {
        extends: true,
        // Two labs at a time, with time for hosts to boot: while the one waits for a cluster, the other works.
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          maxWorkers: 2,
          globalSetup: 'test/support/prepared.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
