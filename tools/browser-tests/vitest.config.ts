import { packageTests } from '../../vitest.base.ts';

export default packageTests(import.meta.dirname, {
  include: ['suites/**/*.test.ts'],
  testTimeout: 180_000,
  // A machine may have to install its Chromium first.
  hookTimeout: 300_000,
});
