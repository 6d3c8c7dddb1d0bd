import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The one test set-up of all packages: tests run on the TypeScript source of every package, with no build. */
export function packageTests(directory: string): ReturnType<typeof defineConfig> {
  const conditions = ['@tranquility-js/source', 'node', 'import', 'module', 'default'];
  return defineConfig({
    root: directory,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name: basename(directory),
      include: ['test/**/*.test.ts'],
      environment: 'node',
      watch: false,
      passWithNoTests: false,
    },
  });
}
