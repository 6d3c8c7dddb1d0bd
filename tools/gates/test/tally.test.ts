import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const tally = resolve(import.meta.dirname, '../../../.ci/tally.mjs');

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'tally-'));
});
afterEach(() => {
  rmSync(work, { recursive: true });
});

/** Vitest's report of one file `a.test.ts` whose tests ended so. */
function report(...statuses: string[]): void {
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
  const status = statuses.includes('failed') ? 'failed' : 'passed';
  const testResults = [{ name: join(work, 'a.test.ts'), status, message: '', assertionResults }];
  writeFileSync(join(work, 'a.json'), JSON.stringify({ testResults }));
}

function run(steps: string[], expected = 'a.test.ts'): { status: number | null; lines: string[]; last: string } {
  writeFileSync(join(work, 'expected'), `${expected}\n`);
  writeFileSync(join(work, 'steps.tsv'), steps.map((step) => `${step}\t1\t${work}\n`).join(''));
  const { status, stdout } = spawnSync(process.execPath, [tally, work], { cwd: work, encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  const [last = ''] = lines.slice(-1);
  return { status, lines, last };
}

it('adds the tests of the reports to the checks', () => {
  report('passed', 'passed');
  expect(run(['check\tlint\t0', 'tests\tunit\t0'])).toMatchObject({ status: 0, last: '3 passed, 0 failed' });
});

it('counts a check by its exit', () => {
  const { status, lines, last } = run(['check\tlint\t2', 'check\tbuild\t0']);
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 1 failed' });
  expect(lines).toContain('lint: exit 2');
});

it.each(['failed', 'skipped', 'pending', 'todo'])('counts a %s test as failed, and names it', (outcome) => {
  report('passed', outcome);
  const { status, lines, last } = run(['tests\tunit\t0']);
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 1 failed' });
  expect(lines).toContain(`unit: ${outcome}: a.test.ts: test 1`);
});

it('counts a test file that no report has', () => {
  report('passed');
  const { lines, last } = run(['tests\tunit\t0'], 'a.test.ts\nb.test.ts');
  expect(last).toBe('1 passed, 1 failed');
  expect(lines).toContain('unit: not reported: b.test.ts');
});

it.each([
  ['no report', '0', 'a.test.ts', () => undefined],
  ['no test file', '0', '', () => undefined],
  [
    'no test',
    '0',
    'a.test.ts',
    () => {
      report();
    },
  ],
])('counts %s as a failure', (_, code, expected, write) => {
  write();
  expect(run([`tests\tunit\t${code}`], expected)).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
});

it('counts an exit that no reported test explains', () => {
  report('passed');
  expect(run(['tests\tunit\t1'])).toMatchObject({ status: 1, last: '1 passed, 1 failed' });
});

it('is no success when nothing ran', () => {
  expect(run([])).toMatchObject({ status: 1, last: '0 passed, 0 failed' });
});
