import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { numbersOf, openJournal, range, rowsOf, temporaryDirectory } from './support/journals.js';

const appender = fileURLToPath(new URL('./support/appender.ts', import.meta.url));
const rounds = Number(process.env['JOURNAL_CRASH_ROUNDS'] ?? 8);
const rowsOfBatch = 3;

/** Lets a process append from a row on, and kills it after so many acknowledgements and a moment. */
async function appendAndKill(directory: string, first: number, patience: number): Promise<Map<number, number>> {
  const flags = ['--conditions=@tranquility-js/source', '--import', 'tsx'];
  const child = spawn(process.execPath, [...flags, appender, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = text(child.stderr);
  const acknowledged = new Map<number, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [row = NaN, offset = NaN] = line.split(' ').map(Number);
    // What the pipe still has when the process is killed was acknowledged too.
    if (line !== 'opening') acknowledged.set(row, offset);
    if (acknowledged.size === patience) void sleep(Math.random() * 8).then(() => child.kill('SIGKILL'));
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
  expect({ signal: child.signalCode, stderr: await stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  return acknowledged;
}

it(`what was acknowledged is there, once, at its offset, after a process was killed ${rounds} times`, async () => {
  const directory = await temporaryDirectory();
  const acknowledged = new Map<number, number>();
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    // Every third is killed while it opens the journal, and so within its recovery.
    const patience = round % 3 === 2 ? 0 : 1 + Math.floor(Math.random() ** 3 * 400);
    const known = await appendAndKill(directory, next, patience);
    for (const [row, offset] of known) {
      // A batch that was in doubt and written again has the offset of the first time, so each has one.
      expect(acknowledged.get(row) ?? offset).toBe(offset);
      acknowledged.set(row, offset);
    }
    while (acknowledged.has(next)) next += rowsOfBatch;
  }
  const log = await (await openJournal({ directory })).log('flights', 0);
  const rows = await rowsOf(log, 0, 1_000_000);
  const numbers = numbersOf(rows);
  expect(numbers).toEqual(range(0, numbers.length));
  expect(numbers.length).toBeGreaterThanOrEqual(next);
  const offsets = rows.map(({ offset }) => offset);
  expect(offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? NaN))).toBe(true);
  for (const [row, offset] of acknowledged) expect(offsets[row]).toBe(offset);
}, 600_000);
