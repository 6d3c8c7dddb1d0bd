import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Context } from '../src/context.js';
import { Warden } from '../src/warden.js';

/** A directory that is removed when the test has finished. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-cluster-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A context with a warden of its own, an empty cache, and what was logged. */
export async function testContext(
  signal: AbortSignal = new AbortController().signal,
): Promise<Context & { logged: string[] }> {
  const warden = await Warden.start();
  onTestFinished(() => warden.close());
  const logged: string[] = [];
  return {
    warden,
    directory: await temporaryDirectory(),
    cache: await temporaryDirectory(),
    signal,
    logged,
    log: (line) => logged.push(line),
  };
}

/** Puts a shell script of this name first on the PATH until the test has finished. */
export async function fakeTool(name: string, script: string): Promise<void> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(directory, name), 0o755);
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = directory + delimiter + path;
  onTestFinished(() => {
    process.env['PATH'] = path;
  });
}

/** Waits until something holds, up to ten seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await sleep(20);
  }
}

/** Whether a process, or with a negative number a process group, exists. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
