import { basename } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Where each package leaves its test report as JSON, if anyone asked for one. */
const reports = process.env['VITEST_REPORT_DIR'];

/**
 * The one test set-up of all packages: tests run on the TypeScript source of every package, with no build.
 * @param overrides what a package needs in another way.
 */
export function packageTests(directory: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  const name = basename(directory);
  // `import` or `require` is added as a module is loaded; a dependency must get what Node alone would give it.
  const conditions = ['@tranquility-js/source', 'node'];
  return defineConfig({
    root: directory,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include: ['test/**/*.test.ts'],
      environment: 'node',
      watch: false,
      passWithNoTests: false,
      // A machine that is busy with other work must not fail a test.
      testTimeout: 60_000,
      expect: { poll: { timeout: 20_000 } },
      ...(reports !== undefined && {
        reporters: ['default', ['json', { outputFile: `${reports}/${name}.json` }]],
      }),
      ...overrides,
    },
  });
}
