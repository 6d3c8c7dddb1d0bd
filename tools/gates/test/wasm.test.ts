import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileObjectRuns, moduleFile } from '../../wasm/compile.ts';

it('has the scanner of runs as its source says: else run `npm run wasm`', async () => {
  expect(await readFile(moduleFile, 'utf8')).toBe(await compileObjectRuns());
}, 60_000);
