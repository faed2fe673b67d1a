import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    sequence: {shuffle: true},
    projects: [
      {
        extends: true,
        test: {name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'], testTimeout: 30_000},
      },
      {
        extends: true,
        // Lab hosts share one machine: one file after the other, with time for hosts to boot.
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          fileParallelism: false,
          globalSetup: 'test/support/prepared.ts',
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
