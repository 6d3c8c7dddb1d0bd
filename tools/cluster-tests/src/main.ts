/** `npm run proof -- NAME [--small] [--case WORDS] [--json]`: see docs/proofs.md. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import { runCase, type Case, type Figures, type Proof, type Size } from './proof.js';
import { proofs } from './proofs/index.js';
import { Stages } from './stages.js';
import { removeTemporary } from './temporary.js';
import { clusterOptions } from './cluster-options.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const usage = `Usage: npm run proof -- NAME... [--full] [--small] [--case WORDS] [--json]

Shows a promise of ours on real parts, which each proof starts for itself.

${proofs.map(({ name, promise }) => `  ${name.padEnd(18)}${promise}`).join('\n')}

  --full   in full size; this is the default
  --small  in the size that CI runs
  --case   only cases whose names have these words, those for the full size too
  --json   print a line of JSON for each case, and nothing else, to standard output
`;

/** What became of a case, as `--json` prints it. */
interface Verdict {
  readonly proof: string;
  readonly case: string;
  readonly size: Size;
  readonly passed: boolean;
  readonly seconds: number;
  readonly figures: Figures;
}

const started = performance.now();
const tell = (line: string): void => {
  process.stderr.write(`[${((performance.now() - started) / 1000).toFixed(1)} s] ${line}\n`);
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let wish: Wish;
  try {
    wish = readArguments(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (wish.chosen.length === 0) {
    process.stdout.write(usage);
    return 0;
  }
  await build();
  let passed = true;
  for (const proof of wish.chosen) passed = (await prove(proof, wish)) && passed;
  return passed ? 0 : 1;
}

interface Wish {
  /** With the cases that are wished for. */
  readonly chosen: readonly Proof[];
  readonly size: Size;
  readonly json: boolean;
}

/** @throws Error for the user. */
function readArguments(args: string[]): Wish {
  const { values, positionals } = parseArgs({
    args,
    options: {
      full: { type: 'boolean' },
      small: { type: 'boolean' },
      json: { type: 'boolean' },
      case: { type: 'string' },
    },
    allowPositionals: true,
  });
  if (values.full === true && values.small === true) throw new Error('Choose one of --full and --small.');
  const size = values.small === true ? 'small' : 'full';
  const chosen = positionals.map((name) => {
    const proof = proofs.find((candidate) => candidate.name === name);
    if (proof === undefined) throw new Error(`There is no proof ${JSON.stringify(name)}.`);
    const cases =
      values.case === undefined
        ? proof.cases.filter((one) => size === 'full' || one.isForFullSize !== true)
        : proof.cases.filter((one) => one.name.includes(values.case ?? ''));
    if (cases.length === 0) throw new Error(`${name} has no case ${JSON.stringify(values.case ?? size)}.`);
    return { ...proof, cases };
  });
  return { chosen, size, json: values.json === true };
}

/** What is proved is the built command, as users run it. */
async function build(): Promise<void> {
  const nx = spawn('npx', ['nx', 'run-many', '-t', 'build'], {
    cwd: root,
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  const [code] = (await once(nx, 'exit')) as [number | null];
  if (code !== 0) throw new Error('The packages cannot be built: see above.');
}

/** Runs a proof on a cluster of its own; a case that fails stops no other. */
async function prove(proof: Proof, { size, json }: Wish): Promise<boolean> {
  tell(`${proof.name}: ${proof.promise}`);
  await using stages = new Stages(tell);
  let passed = true;
  try {
    for (const one of proof.cases) {
      await stages.enter(one.cluster ?? clusterOptions);
      const verdict = await judge(proof, one, size);
      passed &&= verdict.passed;
      process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : textOf(verdict));
    }
  } finally {
    await removeTemporary();
  }
  return passed;
}

async function judge(proof: Proof, one: Case, size: Size): Promise<Verdict> {
  tell(`${proof.name}, ${one.name}`);
  const began = performance.now();
  let figures: Figures | undefined;
  try {
    figures = await runCase(one, size, tell);
  } catch (error) {
    tell(`It is not so: ${inspect(error)}`);
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { proof: proof.name, case: one.name, size, passed: figures !== undefined, seconds, figures: figures ?? {} };
}

function textOf({ proof, case: name, passed, seconds, figures }: Verdict): string {
  const lines = Object.entries(figures).map(([what, value]) => `  ${what}: ${value.toLocaleString('en-US')}\n`);
  return `${passed ? 'proved' : 'FAILED'}: ${proof}, ${name} (${seconds} s)\n${lines.join('')}`;
}
