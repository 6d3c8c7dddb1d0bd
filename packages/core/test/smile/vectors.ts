import { readFileSync } from 'node:fs';

/** Values as JSON, and in Base64 what Jackson 2.12.7 makes of them as Smile: made by tools/fixtures. */
export const vectors = readFileSync(new URL('../fixtures/smile-vectors.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t') as [json: string, bytes: string]);
