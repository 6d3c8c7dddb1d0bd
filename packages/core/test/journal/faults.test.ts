import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../src/journal/file-system.js';
import { ManualClock } from '../support/manual-clock.js';
import { faultyFiles, type Call, type Fault } from './support/faulty-files.js';
import { batchOf } from './support/batches.js';
import { numbersOf, openJournal, range, rowsOf, temporaryDirectory } from './support/journals.js';

describe('a disk that is full', () => {
  it('refuses what has no room, also when some of it was written, and takes more when there is room again', async () => {
    let fault: (call: Call) => Fault = () => undefined;
    const journal = await openJournal({
      directory: await temporaryDirectory(),
      files: faultyFiles((call) => fault(call)),
    });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 3));
    const [end, size] = [log.endOffset, journal.size];
    const cases = [
      { name: 'write', faults: ['partial', 'ENOSPC'] },
      { name: 'write', faults: ['ENOSPC'] },
      { name: 'sync', faults: ['ENOSPC'] },
      { name: 'write', faults: ['EDQUOT'] },
    ];
    for (const { name, faults } of cases) {
      fault = (call) => (call.name === name ? faults.shift() : undefined);
      const refused = await Promise.allSettled([log.append(batchOf(3, 2)), log.append(batchOf(5, 2))]);
      const full = { status: 'rejected', reason: { code: 'TRQ_JOURNAL_FULL', retryable: true } };
      expect(refused).toMatchObject([full, full]);
      expect([log.endOffset, journal.size]).toEqual([end, size]);
      expect(numbersOf(await rowsOf(log))).toEqual(range(0, 3));
      fault = () => undefined;
    }
    expect(await log.append(batchOf(3, 2))).toEqual({ baseOffset: end, nextOffset: end + 2 });
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, 5));
  });

  it('refuses when a new segment finds no room, and goes on later', async () => {
    let isFull = false;
    const files = faultyFiles(({ path, name }) =>
      isFull && name === 'write' && path.includes('.seal') ? 'ENOSPC' : undefined,
    );
    const journal = await openJournal({ directory: await temporaryDirectory(), files, segmentBytes: 1 });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 1));
    isFull = true;
    await expect(log.append(batchOf(1, 1))).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FULL' });
    isFull = false;
    await log.append(batchOf(1, 1));
    expect(numbersOf(await rowsOf(log))).toEqual([0, 1]);
  });

  it('is not filled by us beyond what is to be left, or beyond what we may have', async () => {
    const bavail = 1000;
    const statfs = () => Promise.resolve({ bavail, bsize: 1 });
    const files = { ...systemFiles, statfs: statfs as unknown as typeof systemFiles.statfs };
    const journal = await openJournal({ directory: await temporaryDirectory(), files, minFreeBytes: 950 });
    const log = await journal.log('flights', 0);
    await expect(log.append(batchOf(0, 1))).rejects.toMatchObject({
      code: 'TRQ_JOURNAL_FULL',
      details: { free: 1000 },
    });

    const clock = new ManualClock();
    const maxBytes = 500;
    const small = await openJournal({
      directory: await temporaryDirectory(),
      clock,
      maxBytes,
      segmentBytes: 1,
      reserveMillis: 0,
    });
    const other = await small.log('flights', 0);
    let taken = 0;
    for (;;) {
      try {
        await other.append(batchOf(taken, 1));
        taken++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'TRQ_JOURNAL_FULL', details: { maxBytes } });
        break;
      }
    }
    expect(taken).toBeGreaterThan(2);
    expect(small.size).toBeLessThanOrEqual(maxBytes);
    expect(small.pressure).toBeGreaterThan(0.7);
    expect(numbersOf(await rowsOf(other))).toEqual(range(0, taken));
    await other.append(batchOf(taken, 1)).catch(() => undefined);
    expect(await other.trimTo(other.endOffset - 1)).toBeGreaterThan(0);
    await other.append(batchOf(taken, 1));
  });
});

describe('a disk that fails', () => {
  it.each(['write', 'sync'] as const)('in a %s ends a log until the next start, which finds out', async (name) => {
    let isBroken = false;
    const files = faultyFiles((call) =>
      isBroken && call.name === name && call.path.endsWith('.log') ? 'EIO' : undefined,
    );
    const directory = await temporaryDirectory();
    const journal = await openJournal({ directory, files });
    const log = await journal.log('flights', 0);
    const producer = (sequence: number): { id: number; epoch: number; sequence: number } => ({
      id: 1,
      epoch: 0,
      sequence,
    });
    await log.append(batchOf(0, 2, producer(0)));
    isBroken = true;
    const failed = { code: 'TRQ_JOURNAL_FAILED', message: expect.stringContaining(log.directory) as string };
    await expect(log.append(batchOf(2, 2, producer(2)))).rejects.toMatchObject(failed);
    isBroken = false;
    await expect(log.append(batchOf(2, 2, producer(2)))).rejects.toMatchObject(failed);
    expect(numbersOf(await rowsOf(log))).toEqual([0, 1]);
    const { endOffset } = log;
    await journal.close();

    const again = await (await openJournal({ directory })).log('flights', 0);
    expect(again.recovery.isClean).toBe(false);
    expect(again.endOffset).toBeGreaterThan(endOffset);
    await again.append(batchOf(2, 2, producer(2)));
    await again.append(batchOf(4, 1, producer(4)));
    expect(numbersOf(await rowsOf(again))).toEqual(range(0, 5));
  });

  it('at any call loses nothing that was acknowledged, and keeps nothing twice', async () => {
    const codes = fc.constantFrom('ENOSPC', 'EIO', 'partial');
    const faults = fc.array(fc.tuple(fc.nat(60), codes), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(faults, fc.integer({ min: 1, max: 600 }), async (planned, segmentBytes) => {
        const directory = await temporaryDirectory();
        const plan = new Map(planned);
        let calls = 0;
        const files = faultyFiles(({ name }) => {
          const fault = plan.get(calls++);
          if (fault === 'partial') return name === 'write' ? fault : undefined;
          return fault ?? (name === 'sync' ? 'skip' : undefined);
        });
        const acknowledged = new Map<number, number>();
        let n = 0;
        for (let start = 0; start < 12 && n < 16; start++) {
          const journal = await openJournal({ directory, files, segmentBytes }).catch(() => undefined);
          const log = await journal?.log('flights', 0).catch(() => undefined);
          for (let tries = 0; log !== undefined && n < 16 && tries < 20; tries++) {
            const producer = { id: 1, epoch: 0, sequence: n };
            const done = await log.append(batchOf(n, 2, producer)).catch(() => undefined);
            if (done === undefined) continue;
            acknowledged.set(n, done.baseOffset);
            n += 2;
          }
          await journal?.close();
        }
        expect(n).toBe(16);
        const log = await (await openJournal({ directory })).log('flights', 0);
        const rows = await rowsOf(log);
        expect(numbersOf(rows)).toEqual(range(0, 16));
        for (const [row, offset] of acknowledged) expect(rows[row]?.offset).toBe(offset);
        expect(log.cuts).toEqual([]);
      }),
      // A start that fails while it removes a dead writer's socket must not stay a writer itself.
      { numRuns: 60, examples: [[[3, 4, 6].map((call): [number, string] => [call, 'ENOSPC']), 1]] },
    );
  });
});
