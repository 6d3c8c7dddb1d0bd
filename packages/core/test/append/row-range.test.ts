import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchLines } from '../../src/append/batch-lines.js';
import { linesOf, measureRange, rowsAt } from '../../src/append/row-range.js';
import { encodeBatch } from '../../src/journal/encode-batch.js';
import type { JournalLog } from '../../src/journal/journal-log.js';
import { Journal } from '../../src/journal/journal.js';

describe('a stretch of rows', () => {
  let directory: string;
  let journal: Journal;
  let log: JournalLog;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tranquility-range-'));
    journal = await Journal.open({ directory, minFreeBytes: 0 });
    log = await journal.log('clicks', 0);
    for (let batch = 0; batch < 4; batch++) {
      const rows = Array.from({ length: 10 }, (_, n) => Buffer.from(`{"n":${batch * 10 + n}}`));
      await log.append(encodeBatch({ rows, timestamps: rows.map((_, n) => 1_000 - batch * 100 + n) }));
    }
  });
  afterEach(async () => {
    await journal.close();
    await rm(directory, { recursive: true });
  });

  const numbers = async (from: number, to: number): Promise<number[]> => {
    const chunks: Buffer[] = [];
    for await (const chunk of linesOf(log, { from, to })) chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    return lines.map((line) => (JSON.parse(line) as { n: number }).n);
  };

  it('gives the rows at some places among its lines, with their offsets', async () => {
    const from = log.startOffset + 10;
    const found = await rowsAt(log, { from, to: from + 20 }, new Set([1, 12, 99]));
    const rows = [...found].map(([place, { offset, row }]) => [place, offset - from, row.toString()]);
    expect(rows).toEqual([
      [1, 0, '{"n":10}'],
      [12, 11, '{"n":21}'],
    ]);
  });

  it('gives the rows at some places among the lines that there were, whatever is there now', async () => {
    const from = log.startOffset;
    const read = [
      { from, to: from + 10 },
      { from: from + 20, to: from + 40 },
    ];
    const found = await rowsAt(log, { from: from + 20, to: from + 40 }, new Set([3, 12, 30]), read);
    expect([...found].map(([place, { offset, row }]) => [place, offset - from, row.toString()])).toEqual([
      [12, 21, '{"n":21}'],
      [30, 39, '{"n":39}'],
    ]);
  });

  it('tells where its lines lie', async () => {
    const { startOffset: from, endOffset: to } = log;
    const lines = new BatchLines(log, { from: from + 10, to });
    expect(lines.read).toBeUndefined();
    for await (const chunk of lines.open()) {
      expect(chunk.length).toBeGreaterThan(0);
      expect(lines.read).toBeUndefined();
    }
    expect(lines.read).toEqual([{ from: from + 10, to }]);
  });

  it('has each event on one line, over however many lines it came', async () => {
    const from = log.endOffset;
    const texts = ['{\n  "n": 1,\r\n  "text": "a\\nb"\n}', '{"n":2}\r\n'];
    const rows = texts.map((text) => Buffer.from(text));
    await log.append(encodeBatch({ rows, timestamps: rows.map(() => 0) }));
    const chunks: Buffer[] = [];
    for await (const chunk of linesOf(log, { from, to: log.endOffset })) chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ n: 1, text: 'a\nb' }, { n: 2 }]);
  });

  it('is not given in part while some of its rows are not shown', async () => {
    const { startOffset: from, endOffset: to } = log;
    log.hold(to - 10);
    await expect(numbers(from, to)).rejects.toThrow('not shown yet');
    log.unhold();
    expect(await numbers(from, to)).toHaveLength(40);
  });

  it('is as many whole batches as the limits allow, and one at least', async () => {
    const start = log.startOffset;
    const everything = { rows: 1_000, bytes: 1_000_000 };
    expect(await measureRange(log, start, everything)).toMatchObject({
      from: start,
      to: log.endOffset,
      rows: 40,
      earliest: 700,
      latest: 1_009,
    });
    expect(await measureRange(log, start, { ...everything, rows: 25 })).toMatchObject({ to: start + 20, rows: 20 });
    expect(await measureRange(log, start, { ...everything, bytes: 1 })).toMatchObject({ to: start + 10, rows: 10 });
    expect(await measureRange(log, log.endOffset, everything)).toBeUndefined();
  });

  it('has the same lines each time, and no others when more has come', async () => {
    const { startOffset, endOffset } = log;
    await log.append(encodeBatch({ rows: [Buffer.from('{"n":99}')], timestamps: [1] }));
    const all = Array.from({ length: 40 }, (_, n) => n);
    expect(await numbers(startOffset, endOffset)).toEqual(all);
    expect(await numbers(startOffset + 10, startOffset + 30)).toEqual(all.slice(10, 30));
  });
});
