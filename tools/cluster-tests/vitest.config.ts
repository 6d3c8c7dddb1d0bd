import { packageTests } from '../../vitest.base.ts';

const base = packageTests(import.meta.dirname);

/** Suites share one cluster and its two cores, so they run one after another. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['suites/**/*.test.ts'],
    globalSetup: ['src/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
};
