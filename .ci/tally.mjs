/**
 * Adds up what `.ci/run` noted of its steps, and of their tests what Vitest reported: `node .ci/tally.mjs WORK`.
 * A step of checks counts as one. A step of tests counts each test that was reported, and one more failure for
 * whatever makes its reports no proof.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const work = process.argv[2];
const lines = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean);

function sumOfReports(folder, status) {
  const faults = [];
  const seen = new Set();
  let passed = 0;
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    for (const file of JSON.parse(readFileSync(join(folder, name), 'utf8')).testResults) {
      const path = relative(process.cwd(), file.name);
      const others = file.assertionResults.filter((test) => test.status !== 'passed');
      seen.add(path);
      passed += file.assertionResults.length - others.length;
      faults.push(...others.map((test) => `${test.status}: ${path}: ${test.fullName}`));
      if (file.status !== 'passed' && others.length === 0) faults.push(`${file.status}: ${path}: ${file.message}`);
    }
  }
  const expected = lines(join(folder, 'expected'));
  if (expected.length === 0) faults.push('there are no test files');
  faults.push(...expected.filter((path) => !seen.has(path)).map((path) => `not reported: ${path}`));
  if (passed === 0 && faults.length === 0) faults.push('no test ran');
  if (status !== 0 && faults.length === 0) faults.push(`exit ${status}, though every reported test passed`);
  return { passed, faults };
}

function sumOfStep([kind, name, code, seconds, reports]) {
  const status = Number(code);
  if (kind === 'tests') return { name, seconds, ...sumOfReports(reports, status) };
  return { name, seconds, passed: status === 0 ? 1 : 0, faults: status === 0 ? [] : [`exit ${status}`] };
}

const steps = lines(join(work, 'steps.tsv')).map((line) => sumOfStep(line.split('\t')));
const passed = steps.reduce((sum, step) => sum + step.passed, 0);
const failed = steps.reduce((sum, step) => sum + step.faults.length, 0);

const row = (step, seconds, passed, failed) =>
  console.log(step.padEnd(32), ...[seconds, passed, failed].map((cell) => String(cell).padStart(8)));

console.log('');
for (const { name, faults } of steps) for (const fault of faults) console.log(`${name}: ${fault}`);
row('step', 'seconds', 'passed', 'failed');
for (const { name, seconds, passed, faults } of steps) row(name, seconds, passed, faults.length);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
