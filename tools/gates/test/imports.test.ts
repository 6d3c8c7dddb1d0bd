import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({
  cwd: resolve(import.meta.dirname, '../../..'),
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
});

/** What the repository's own lint configuration says of one line, as if it stood in that file. */
async function faults(file: string, line: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: file });
  return (result?.messages ?? [])
    .filter(({ fatal, ruleId }) => fatal === true || ruleId === 'tranquility/imports')
    .map(({ message }) => message);
}

const leaves = 'This path leaves the package. Import another package by its name.';

describe('what is refused', () => {
  it.each([
    ['packages/core/src/x.ts', `import { a } from '@tranquility-js/cli';`, 'core may import none of our packages.'],
    ['packages/core/src/time/x.ts', `export * from '@tranquility-js/kafka';`, 'core may import none of our packages.'],
    [
      'packages/kafka/src/x.ts',
      `import { a } from '@tranquility-js/kinesis';`,
      'kafka may import core, connect, operations, schema-registry.',
    ],
    ['packages/unheard-of/src/x.ts', `import '@tranquility-js/core';`, 'unheard-of may import none of our packages.'],
    ['packages/cli/src/x.ts', `import { a } from '@tranquility-js/cluster';`, 'cli may import any of packages/.'],
    [
      'packages/kafka/src/x.ts',
      `export type A = import('@tranquility-js/cli').A;`,
      'kafka may import core, connect, operations, schema-registry.',
    ],
    [
      'packages/kafka/src/x.ts',
      `export const a = await import('@tranquility-js/cli');`,
      'kafka may import core, connect, operations, schema-registry.',
    ],
    ['packages/core/src/x.ts', `import { a } from '../../cli/src/index.js';`, leaves],
    ['packages/core/src/time/x.ts', `import { a } from '../../../cli/src/index.js';`, leaves],
    ['packages/core/src/time/x.ts', `export { a } from './../../../../packages/cli/src/index.js';`, leaves],
    ['packages/core/src/x.ts', `import { a } from '../../../tools/cluster/src/index.js';`, leaves],
    ['packages/core/test/x.ts', `import { a } from '../../cli/src/index.js';`, leaves],
  ])('%s: %s', async (file, line, message) => {
    expect(await faults(file, line)).toEqual([message]);
  });

  it.each([
    ['time/x.ts', '../sender/sender.js', 'The layer time is below sender, and imports point down.'],
    ['time/deep/x.ts', '../../sender/sender.js', 'The layer time is below sender, and imports point down.'],
    ['time/x.ts', '../errors/../sender/sender.js', 'The layer time is below sender, and imports point down.'],
    ['errors/x.ts', '../time/period.js', 'The layer errors is below time, and imports point down.'],
    ['sender/x.ts', '../index.js', 'Import the file that defines it, not the package entry.'],
    ['sender/x.ts', '@tranquility-js/core', 'Import the file that defines it, not the package itself.'],
    ['unheard-of/x.ts', './y.js', 'Give unheard-of its place among the layers.'],
  ])('core/src/%s importing %s', async (file, target, message) => {
    expect(await faults(`packages/core/src/${file}`, `import { a } from '${target}';`)).toEqual([message]);
  });
});

describe('what is allowed', () => {
  it.each([
    ['packages/kafka/src/x.ts', '@tranquility-js/core'],
    ['packages/cli/src/x.ts', '@tranquility-js/sandbox'],
    ['packages/core/src/x.ts', './sender/sender.js'],
    ['packages/core/src/sender/x.ts', '../time/period.js'],
    ['packages/core/src/sender/deep/x.ts', '../y.js'],
    ['packages/core/src/sender/x.ts', 'undici'],
    ['packages/core/test/x.test.ts', '../src/sender/sender.js'],
    ['packages/kafka/test/x.test.ts', '@tranquility-js/sandbox'],
    ['packages/kafka/vitest.config.ts', '../../vitest.base.ts'],
  ])('%s importing %s', async (file, target) => {
    expect(await faults(file, `import { a } from '${target}';`)).toEqual([]);
  });
});
