import { defineConfig } from 'vitest/config';

// Temporal's core is a native module: forks, not threads. Two cores: few files at a time.
const common = {
  pool: 'forks' as const,
  globalSetup: 'test/support/global-setup.ts',
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // On CI a test on real servers that fails is run once more, and shown as such: a machine's hiccup stops no release.
  retry: process.env['CI'] ? 1 : 0,
  // A loaded machine is slow, not wrong.
  expect: { poll: { timeout: 30_000 } },
};

/** Long, and side by side: their time is mostly waiting for blocks. See docs/reliability.md. */
const SCENARIOS = 'test/scenarios/**';

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...common,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts', SCENARIOS],
        },
      },
      {
        test: {
          ...common,
          name: 'slow',
          include: ['test/**/*.slow.test.ts'],
          exclude: [SCENARIOS],
          testTimeout: 900_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...common,
          name: 'scenarios',
          include: [`${SCENARIOS}/*.test.ts`],
          testTimeout: 1_500_000,
          hookTimeout: 600_000,
          maxConcurrency: 4,
        },
      },
    ],
  },
});
