import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { proofs } from '../src/proofs/index.js';

const names = proofs.map(({ name }) => name);

it('docs/proofs.md tells of every proof', async () => {
  const page = await readFile(new URL('../../../docs/proofs.md', import.meta.url), 'utf8');
  expect([...page.matchAll(/^## `(.+)`$/gm)].map(([, name]) => name)).toEqual(names);
});

it('every proof is a suite too', async () => {
  expect(await readdir(import.meta.dirname)).toEqual(expect.arrayContaining(names.map((name) => `${name}.test.ts`)));
});
