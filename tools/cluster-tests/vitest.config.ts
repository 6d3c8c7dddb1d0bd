import { packageTests } from '../../vitest.base.ts';

/** Suites share one cluster and its two cores, so they run one after another. */
export default packageTests(import.meta.dirname, {
  include: ['suites/**/*.test.ts'],
  globalSetup: ['src/global-setup.ts'],
  setupFiles: ['src/suite-setup.ts'],
  fileParallelism: false,
  testTimeout: 300_000,
  hookTimeout: 300_000,
});
