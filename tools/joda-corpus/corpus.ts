/** Writes the corpus of `packages/core/test/fixtures/joda`. See the README. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bucketCases } from './buckets.ts';
import { druidJars } from './jars.ts';
import { Random } from './random.ts';
import { timestampCases } from './timestamps.ts';

const here = import.meta.dirname;
const fixture = fileURLToPath(new URL('../../packages/core/test/fixtures/joda/corpus.tsv.gz', import.meta.url));
const seed = 20_090_213;
/** When the corpus is said to be made: years of two digits depend on it. */
const now = Date.UTC(2024, 5, 15);

const random = new Random(seed);
const cases = [...timestampCases(random), ...bucketCases(random)].join('\n');
const text = execFileSync('java', ['-cp', join(druidJars(), '*'), join(here, 'Corpus.java'), String(now)], {
  input: cases,
  maxBuffer: 2 ** 28,
});
if (process.argv.includes('--check')) {
  const same = gunzipSync(readFileSync(fixture)).equals(text);
  process.stdout.write(same ? 'The fixture is what the generator writes.\n' : 'The fixture differs.\n');
  process.exitCode = same ? 0 : 1;
} else {
  mkdirSync(dirname(fixture), { recursive: true });
  const packed = gzipSync(text, { level: 9 });
  writeFileSync(fixture, packed);
  process.stdout.write(`${text.toString().split('\n').length} lines in ${packed.length} bytes\n`);
}
