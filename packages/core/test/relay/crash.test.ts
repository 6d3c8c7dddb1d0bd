import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSender } from '../../src/index.js';
import { flights } from '../support/configs.js';
import { batchRows, leastRowBytes, limits } from './support/limits.js';

const relayer = fileURLToPath(new URL('./support/relayer.ts', import.meta.url));
const rounds = Number(process.env['RELAY_CRASH_ROUNDS'] ?? 4);
/** What may be under way when a process is killed: the groups that may be, each of one batch of the journal or of so many bytes. */
const mostUnderWay =
  limits['tranquility.maxPendingBatches'] *
  Math.max(batchRows, Math.ceil(limits['tranquility.maxBatchBytes'] / leastRowBytes));

/** Lets a process send from a number on, and kills it after so many acknowledgements and a moment. */
async function sendAndKill(
  args: readonly string[],
  patience: number,
): Promise<{ acknowledged: number[]; next: number }> {
  const flags = ['--conditions=@tranquility-js/source', '--import', 'tsx'];
  const child = spawn(process.execPath, [...flags, relayer, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  const acknowledged: number[] = [];
  let [next, hasSent] = [Number(args.at(-1)), 0];
  for await (const line of createInterface({ input: child.stdout })) {
    const [mark, number = ''] = line.split(' ');
    if (mark === '>') next = Number(number) + batchRows;
    else acknowledged.push(Number(number));
    if (hasSent++ === patience) void sleep(Math.random() * 20).then(() => child.kill('SIGKILL'));
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
  expect({ signal: child.signalCode, stderr: await stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  return { acknowledged, next };
}

it(`what was acknowledged gets to the tasks, though the process was killed ${rounds} times`, async () => {
  await using druid = await ScriptedDruid.start();
  druid.script = async ({ path }) => {
    if (path.endsWith('/push-events')) await sleep(Math.random() * 20);
    return undefined;
  };
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-relay-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const acknowledged: number[] = [];
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    // Some are killed while they begin, and so while they deliver what the one before has left.
    const patience = round % 3 === 2 ? 0 : Math.floor(Math.random() ** 2 * 300);
    const life = await sendAndKill([druid.url, directory, String(next)], patience);
    acknowledged.push(...life.acknowledged);
    next = life.next;
  }
  await using last = await createSender({
    config: flights({
      'druid.overlord.urls': druid.url,
      'journal.directory': directory,
      'journal.minFreeBytes': 0,
      'journal.segmentBytes': 65_536,
      'realtime.journal': true,
      ...limits,
    }),
  });
  await last.connect();
  await vi.waitFor(() => expect(last.lane?.relay?.waiting).toBe(0), 60_000);
  const times = new Map<number, number>();
  for (const { delay } of druid.rows) times.set(Number(delay), (times.get(Number(delay)) ?? 0) + 1);
  const missing = acknowledged.flatMap((first) =>
    Array.from({ length: batchRows }, (_, row) => first + row).filter((number) => !times.has(number)),
  );
  expect(missing).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(druid.rows.length - times.size).toBeLessThanOrEqual(rounds * mostUnderWay);
}, 600_000);
