/** Writes the corpus of `packages/core/test/fixtures/parsers`. See the README. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { druidJars } from '../joda-corpus/jars.ts';
import { Random } from '../joda-corpus/random.ts';
import { parserCases } from './cases.ts';

const fixture = fileURLToPath(new URL('../../packages/core/test/fixtures/parsers/corpus.ndjson', import.meta.url));
const seed = 20_090_213;

const cases = parserCases(new Random(seed)).map((each) => JSON.stringify(each));
const text = execFileSync('java', ['-cp', join(druidJars(), '*'), join(import.meta.dirname, 'Corpus.java')], {
  input: cases.join('\n'),
  maxBuffer: 2 ** 28,
});
if (process.argv.includes('--check')) {
  const same = readFileSync(fixture).equals(text);
  process.stdout.write(same ? 'The fixture is what the generator writes.\n' : 'The fixture differs.\n');
  process.exitCode = same ? 0 : 1;
} else {
  mkdirSync(dirname(fixture), { recursive: true });
  writeFileSync(fixture, text);
  process.stdout.write(`${cases.length} cases in ${text.length} bytes\n`);
}
