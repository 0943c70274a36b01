import { availableParallelism } from 'node:os';

/** Jest runs the TypeScript sources as Node does: types stripped, ES modules, no build. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': './test/support/strip-types.js' },
  globalSetup: './test/support/global-setup.ts',
  globalTeardown: './test/support/global-teardown.ts',
  // Tests wait for engines and processes as much as they compute.
  maxWorkers: availableParallelism() * 3,
  testSequencer: './test/support/slow-first.js',
  // Jest keeps every suite's ES modules for as long as its worker lives: two hundred suites outgrow the heap.
  workerIdleMemoryLimit: '1GB',
  // Patience, not a promise: a busy machine stalls for seconds.
  testTimeout: 300_000,
};
