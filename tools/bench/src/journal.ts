import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch, Journal } from '@tranquility-js/core/internal';
import { compare, comparison, rates, type Comparison, type Round } from './measure.js';

const [rowsOfBatch, batchesOfGroup, lanes] = [1000, 4, 2];
const rowBytes = 200;
const [megabyte, readBytes] = [1_048_576, 1_048_576];
const [early, late] = [1_000_000, 10_000_000];

type Log = Awaited<ReturnType<Journal['log']>>;

const rows = Array.from({ length: rowsOfBatch }, (_, n) =>
  Buffer.from(JSON.stringify({ n, text: '' }).padEnd(rowBytes)),
);
const encoded = (): Buffer => encodeBatch({ rows, timestamps: rows.map(() => Date.now()) });

/** Batches that were encoded before, in turn: more than are under way, as a log sets the offset in what it is given. */
const ring = Array.from({ length: 2 * lanes * batchesOfGroup }, encoded);
let turn = 0;
const ready = (): Buffer => ring[turn++ % ring.length] ?? encoded();

/**
 * Appends rows to a journal, each group durable before it is acknowledged, against plain writes of the same bytes to a file in
 * groups as large, each made durable too; and reads both. With `isFull` also the memory after ten million rows.
 */
export async function benchJournal(isFull: boolean, tell: (line: string) => void): Promise<Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-bench-'));
  try {
    const size = isFull ? { rounds: 9, rows: 1_000_000 } : { rounds: 5, rows: 400_000 };
    const results = await playRounds(directory, size, tell);
    return isFull ? [...results, await memory(directory, tell)] : results;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Both take turns, as the disk has other work too. */
async function playRounds(
  directory: string,
  size: { rounds: number; rows: number },
  tell: (line: string) => void,
): Promise<Comparison[]> {
  await using journal = await Journal.open({ directory: join(directory, 'journal'), reserveMillis: 0 });
  const path = join(directory, 'plain');
  const results = new Map<string, Round[]>();
  const play = async (name: string, work: () => Promise<void>): Promise<void> => {
    const round = await timed(size.rows, work);
    tell(`${name}: ${rates(round)}`);
    results.set(name, [...(results.get(name) ?? []), round]);
  };
  for (let round = 0; round < size.rounds; round++) {
    const [log, other] = await Promise.all([journal.log('bench', round), journal.log('encoded', round)]);
    await play('journal-append', () => append(log, size.rows, ready));
    await play('plain-write', () => write(path, size.rows));
    await play('journal-encode-append', () => append(other, size.rows, encoded));
    await play('journal-read', () => read(log, size.rows));
    await play('plain-read', () => readPlainly(path));
    await rm(path);
  }
  return compare(
    [
      { name: 'journal-append', versus: 'plain-write', metric: 'rows per second' },
      { name: 'journal-encode-append', versus: 'plain-write', metric: 'rows per second' },
      { name: 'journal-read', versus: 'plain-read', metric: 'rows per second' },
    ],
    results,
  );
}

async function timed(count: number, work: () => Promise<void>): Promise<Round> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { rows: count, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** The batches of a group are handed in together; while one is made durable, the next is got ready. */
async function append(log: Log, count: number, batch: () => Buffer): Promise<void> {
  const [groupRows, start] = [rowsOfBatch * batchesOfGroup, log.endOffset];
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= groupRows;
      await Promise.all(Array.from({ length: batchesOfGroup }, () => log.append(batch())));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (log.endOffset - start !== count) throw new Error(`Of ${count} rows ${log.endOffset - start} are in the log`);
}

/** The same bytes, encoded before, with nothing to do but to write them. */
async function write(path: string, count: number): Promise<void> {
  const group = Buffer.concat(Array.from({ length: batchesOfGroup }, encoded));
  await using file = await open(path, 'w');
  for (let left = count; left > 0; left -= rowsOfBatch * batchesOfGroup) {
    await file.write(group);
    await file.datasync();
  }
}

async function read(log: Log, count: number): Promise<void> {
  let offset = log.startOffset;
  for (let seen = -1; seen !== offset;) {
    seen = offset;
    offset = (await log.read(offset, readBytes)).nextOffset;
  }
  if (offset - log.startOffset !== count) throw new Error(`Of ${count} rows ${offset - log.startOffset} were read`);
}

async function readPlainly(path: string): Promise<void> {
  await using file = await open(path, 'r');
  for (;;) {
    const { bytesRead } = await file.read(Buffer.allocUnsafeSlow(readBytes), 0, readBytes);
    if (bytesRead === 0) return;
  }
}

/** What the process holds with a journal of ten million rows that were read too, against one million. */
async function memory(directory: string, tell: (line: string) => void): Promise<Comparison> {
  await using journal = await Journal.open({ directory: join(directory, 'large') });
  const log = await journal.log('bench', 0);
  const sizes: number[] = [];
  for (let count = early; count <= late; count += early) {
    await append(log, early, encoded);
    await read(log, count);
    sizes.push(process.memoryUsage.rss() / megabyte);
    tell(`${sizes.at(-1)?.toFixed(1) ?? ''} MiB with ${count} rows in the journal`);
  }
  const metric = `MiB resident with ${late} rows in the journal, against with ${early}`;
  return comparison('journal', 'journal', metric, sizes.at(-1) ?? NaN, sizes[0] ?? NaN);
}
