/** `npm run druid:up` and `druid:down`: a real Druid in the background. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from './cache.js';
import { isAlive } from './parent.js';

/** What is known of the Druid in the background. */
interface Running {
  readonly pid: number;
  readonly endpoints: { readonly druid: { readonly router: string; readonly overlord: string } };
}

/** A start that makes an archive of classes takes some minutes. */
const startTimeout = 600_000;
const stopTimeout = 60_000;
const pause = 200;
/** The system's first process, which outlives all: what is started in the background ends only when it is told. */
const forEver = '1';

const directory = join(cacheDirectory(), 'background');
const stateFile = join(directory, 'running.json');
const outputFile = join(directory, 'output.log');
const logFile = join(directory, 'start.log');

const action = process.argv[2];
if (action === 'up') process.exitCode = await up(process.argv.slice(3));
else if (action === 'down') process.exitCode = await down();
else {
  say('Usage: npm run druid:up [-- OPTIONS of npm run cluster], npm run druid:down');
  process.exitCode = 64;
}

async function up(args: readonly string[]): Promise<number> {
  const running = await readState();
  if (running !== undefined && isAlive(running.pid)) {
    introduce(running, 'runs already');
    return 0;
  }
  await mkdir(directory, { recursive: true });
  const [output, log] = await Promise.all([open(outputFile, 'w'), open(logFile, 'w')]);
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--parent', forEver, '--second-worker', ...args], {
    detached: true,
    stdio: ['ignore', output.fd, log.fd],
  });
  child.unref();
  await Promise.all([output.close(), log.close()]);
  say('Starting a real Druid: about 20 s, some minutes the first time.');
  const { pid } = child;
  const endpoints = pid === undefined ? undefined : await started(pid);
  if (pid === undefined || endpoints === undefined) {
    say(`It did not start:\n${(await readFile(logFile, 'utf8')).trim()}`);
    return 1;
  }
  const state: Running = { pid, endpoints };
  await writeFile(stateFile, JSON.stringify(state));
  introduce(state, 'runs');
  return 0;
}

/** Waits for the line that tells the addresses. */
async function started(pid: number): Promise<Running['endpoints'] | undefined> {
  const deadline = Date.now() + startTimeout;
  while (Date.now() < deadline) {
    const text = await readFile(outputFile, 'utf8');
    if (text.endsWith('\n')) return JSON.parse(text) as Running['endpoints'];
    if (!isAlive(pid)) return undefined;
    await sleep(pause);
  }
  process.kill(pid, 'SIGTERM');
  return undefined;
}

async function down(): Promise<number> {
  const running = await readState();
  if (running === undefined || !isAlive(running.pid)) {
    say('No Druid runs in the background.');
    await rm(directory, { recursive: true, force: true });
    return 0;
  }
  process.kill(running.pid, 'SIGTERM');
  const deadline = Date.now() + stopTimeout;
  while (isAlive(running.pid)) {
    if (Date.now() > deadline) {
      say(`The process ${running.pid} does not end. Its log: ${logFile}`);
      return 1;
    }
    await sleep(pause);
  }
  await rm(directory, { recursive: true, force: true });
  say('Stopped. Nothing is left.');
  return 0;
}

async function readState(): Promise<Running | undefined> {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

function introduce({ endpoints: { druid } }: Running, how: string): void {
  say(`A real Druid ${how}: console and SQL at ${druid.router}, overlord at ${druid.overlord}`);
  say(`  npm run quickstart -- --druid ${druid.router}`);
  say('  npm run druid:down');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
