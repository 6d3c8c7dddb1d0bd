import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { GuardedProcess } from '../src/guarded-process.js';
import { Warden } from '../src/warden.js';
import { exists, temporaryDirectory, testContext, until } from './support.js';

interface Launched {
  readonly groups: readonly number[];
  readonly directory: string;
  readonly warden: number;
}

async function launch() {
  const script = join(import.meta.dirname, 'fixtures', 'launcher.ts');
  const launcher = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void launcher.kill('SIGKILL'));
  const [line] = (await once(createInterface(launcher.stdout), 'line')) as [string];
  return { launcher, launched: JSON.parse(line) as Launched };
}

test('ends all processes and removes the directory of a launcher that was killed', { timeout: 30_000 }, async () => {
  const { launcher, launched } = await launch();
  expect(launched.groups.map((group) => exists(-group))).toEqual([true, true]);
  launcher.kill('SIGKILL');
  await until('the processes are gone', () => !launched.groups.some((group) => exists(-group)));
  await until('the directory is gone', () => !existsSync(launched.directory));
  await until('the warden is gone', () => !exists(launched.warden));
});

test('does not end by a signal', { timeout: 30_000 }, async () => {
  const { launcher, launched } = await launch();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(launched.warden, signal);
  launcher.kill('SIGTERM');
  await until('the processes are gone', () => !launched.groups.some((group) => exists(-group)));
});

test('leaves everything alone when it is closed in order', async () => {
  const directory = await temporaryDirectory();
  const warden = await Warden.start();
  await warden.remove(directory);
  const started = await GuardedProcess.start(warden, {
    command: 'sleep',
    args: ['1000'],
    directory,
    logFile: join(directory, 'log'),
  });
  onTestFinished(() => started.killGroup());
  await warden.close();
  expect(existsSync(directory)).toBe(true);
  expect(exists(started.pid)).toBe(true);
});

test('lets nothing start once it is gone', async () => {
  const { warden, directory } = await testContext();
  if (warden.pid === undefined) throw new Error('The warden does not run.');
  const { pid } = warden;
  process.kill(pid, 'SIGKILL');
  await until('the warden is gone', () => !exists(pid));
  const line = { command: 'touch', args: ['started'], directory, logFile: join(directory, 'log') };
  await expect(GuardedProcess.start(warden, line)).rejects.toThrow(/is gone: nothing more is started/);
  expect(existsSync(join(directory, 'started'))).toBe(false);
});
