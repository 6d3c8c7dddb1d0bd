import { help, readArguments } from './arguments.js';
import type { Arguments } from './arguments.js';
import { startCluster } from './cluster.js';
import { parentGone } from './parent.js';

// Whoever reads what we write may be gone: that is when the servers are to be stopped.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  let args: Arguments;
  try {
    args = readArguments(process.argv.slice(2));
  } catch (error) {
    return fail(error);
  }
  if (args.help) {
    process.stdout.write(help);
    return 0;
  }
  return run(args);
}

/** Runs a cluster until it is told to end. */
async function run({ options, parent }: Arguments): Promise<number> {
  const ended = Promise.race([signalled('SIGINT'), signalled('SIGTERM'), signalled('SIGHUP'), parentGone(parent)]);
  const start = new AbortController();
  void ended.then((why) => {
    start.abort(new Error(`The start was given up: ${why}.`));
  });
  try {
    const cluster = await startCluster({ ...options, log: report, signal: start.signal });
    process.stdout.write(`${JSON.stringify({ ...cluster.endpoints, directory: cluster.directory })}\n`);
    report(`Stopping: ${await ended}`);
    await cluster.stop();
    report('Stopped');
    return 0;
  } catch (error) {
    return fail(error);
  }
}

function signalled(signal: NodeJS.Signals): Promise<string> {
  return new Promise((resolve) => {
    process.on(signal, () => {
      resolve(`received ${signal}`);
    });
  });
}

function report(line: string): void {
  write(`${line}\n`);
}

function fail(error: unknown): number {
  write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}

function write(text: string): void {
  process.stderr.write(text);
}
