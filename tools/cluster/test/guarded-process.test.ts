import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeExit, GuardedProcess } from '../src/guarded-process.js';
import { runToEnd } from '../src/run-to-end.js';
import { exists, testContext, until } from './support.js';

test('keeps standard output apart when it is asked to', async () => {
  const context = await testContext();
  const outputFile = join(context.directory, 'output');
  const logFile = join(context.directory, 'log');
  const args = ['-c', 'echo result; echo note >&2'];
  await runToEnd(context, { command: 'sh', args, directory: context.directory, logFile, outputFile });
  expect(readFileSync(outputFile, 'utf8')).toBe('result\n');
  expect(readFileSync(logFile, 'utf8')).toBe('note\n');
});

test('kills a whole group', async () => {
  const { warden, directory } = await testContext();
  const logFile = join(directory, 'log');
  const args = ['-c', 'sleep 1000 & sleep 1000'];
  const started = await GuardedProcess.start(warden, { command: 'sh', args, directory, logFile });
  expect(started.groupAlive).toBe(true);
  await started.killGroup();
  expect(started.groupAlive).toBe(false);
  expect(describeExit(await started.exited)).toBe('signal SIGKILL');
});

test('tells how a command failed, with the end of its log', async () => {
  const context = await testContext();
  const line = {
    command: 'sh',
    args: ['-c', 'echo the reason >&2; exit 3'],
    directory: context.directory,
    logFile: join(context.directory, 'log'),
  };
  await expect(runToEnd(context, line)).rejects.toThrow(/exit code 3[^]*\/log:\nthe reason$/);
});

test('kills a command when the start is given up', async () => {
  const abort = new AbortController();
  const context = await testContext(abort.signal);
  const outputFile = join(context.directory, 'output');
  const running = runToEnd(context, {
    command: 'sh',
    args: ['-c', 'echo $$; exec sleep 1000'],
    directory: context.directory,
    logFile: join(context.directory, 'log'),
    outputFile,
  });
  const pid = () => Number(readFileSync(outputFile, { encoding: 'utf8', flag: 'a+' }));
  await until('it runs', () => pid() > 0);
  abort.abort(new Error('given up'));
  await expect(running).rejects.toThrow('given up');
  expect(exists(pid())).toBe(false);
});
