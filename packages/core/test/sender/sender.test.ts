import { once } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Beam, Destination } from '../../src/beam/beam.js';
import { TranquilityError } from '../../src/errors/tranquility-error.js';
import { dropped, sent, type Dropped, type Outcome, type Outcomes, type Undelivered } from '../../src/event/outcome.js';
import type { RowBatch } from '../../src/event/row-batch.js';
import { Counters } from '../../src/observe/counters.js';
import type { QueueLimits, Receipt } from '../../src/sender/delivery-queue.js';
import { Sender, type SenderParts } from '../../src/sender/sender.js';
import { systemClock } from '../../src/time/clock.js';

interface Delivery {
  readonly events: readonly unknown[];
  settle(outcomes?: Outcomes): void;
}

/** A destination whose deliveries the test settles. */
class HeldDestination implements Destination {
  readonly name: string;
  readonly deliveries: Delivery[] = [];
  isHolding = true;

  constructor(name: string) {
    this.name = name;
  }

  deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes> {
    return new Promise((resolve) => {
      const settle = (outcomes: Outcomes = sent): void => {
        resolve(outcomes);
      };
      this.deliveries.push({ events: rows.events, settle });
      const abort = (): void => {
        settle({ status: 'failed', error: signal.reason as TranquilityError });
      };
      if (!this.isHolding) settle();
      else if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    });
  }

  get sizes(): number[] {
    return this.deliveries.map(({ events }) => events.length);
  }

  /** Settles what is held, and what comes. */
  release(): void {
    this.isHolding = false;
    for (const delivery of this.deliveries) delivery.settle();
  }
}

/** Sends a text to the destination of its first letter, and drops one that begins with a blank. */
class LetterBeam implements Beam {
  readonly destinations = new Map<string, HeldDestination>();
  closed = 0;
  #text = '';

  destination(name: string): HeldDestination {
    const known = this.destinations.get(name) ?? new HeldDestination(name);
    this.destinations.set(name, known);
    return known;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  route(event: unknown): Destination | Dropped {
    this.#text = String(event);
    return this.#text.startsWith(' ') ? dropped('unparseable', 'blank') : this.destination(this.#text.slice(0, 1));
  }

  routeRow(row: Uint8Array): Destination | Dropped {
    return this.route(Buffer.from(row).toString());
  }

  write(rows: RowBatch): Dropped | undefined {
    if (this.#text.endsWith('!')) return dropped('unserializable', 'loud');
    rows.begin(this.#text.length);
    rows.finish(rows.block.write(this.#text, rows.start), this.#text, 0);
    return undefined;
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

function setUp(parts: Partial<Omit<SenderParts, 'limits'>> & { limits?: Partial<QueueLimits> } = {}) {
  const beam = new LetterBeam();
  const undelivered: [unknown, Undelivered][] = [];
  const sender = new Sender({
    dataSource: 'letters',
    beam,
    blockOnFull: true,
    counters: new Counters(),
    clock: systemClock,
    onUndelivered: (event, outcome) => undelivered.push([event, outcome]),
    ...parts,
    limits: { maxBatchSize: 3, maxBatchBytes: 1_000, maxPendingBatches: 2, lingerMillis: 0, ...parts.limits },
  });
  return { beam, sender, a: beam.destination('a'), b: beam.destination('b'), undelivered };
}

const many = (count: number, letter = 'a'): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index}`);

describe('a sender', () => {
  it('sends what comes in one turn of the event loop as one batch', async () => {
    const { sender, a } = setUp();
    sender.write('a1');
    sender.write('a2');
    expect(a.deliveries).toHaveLength(0);
    await turn();
    expect(a.sizes).toEqual([2]);
  });

  it('sends a full batch at once, and keeps so many under way', () => {
    const { sender, a } = setUp();
    const room = many(10).map((event) => sender.write(event));
    expect(a.sizes).toEqual([3, 3]);
    expect(room).toEqual([true, true, true, true, true, true, true, true, false, false]);
  });

  it('goes on when a batch is settled, in the order of the events', async () => {
    const { sender, a } = setUp();
    for (const event of many(10)) sender.write(event);
    a.release();
    await sender.flush();
    expect(a.deliveries.flatMap(({ events }) => events)).toEqual(many(10));
    expect(sender.counters).toMatchObject({ received: 10, sent: 10 });
  });

  it('tells when there is room', async () => {
    const { sender, a } = setUp();
    for (const event of many(9)) sender.write(event);
    let drained = false;
    const waiting = sender.drained().then(() => (drained = true));
    await turn();
    expect(drained).toBe(false);
    a.deliveries[0]?.settle();
    await waiting;
    expect(sender.write('a9')).toBe(true);
  });

  it('ends the wait for room when it is told to', async () => {
    const { sender } = setUp();
    for (const event of many(9)) sender.write(event);
    await expect(sender.drained({ signal: AbortSignal.timeout(10) })).resolves.toBeUndefined();
  });

  it('lets no slow destination hold up another', async () => {
    const { sender, b } = setUp();
    const slow = many(9).map((event) => sender.send(event));
    b.isHolding = false;
    expect(await sender.send('b1')).toEqual(sent);
    expect(await Promise.race([Promise.all(slow), Promise.resolve('still waiting')])).toBe('still waiting');
  });

  it('refuses what it has no room for, if it may not block', async () => {
    const { sender } = setUp({ blockOnFull: false });
    for (const event of many(9)) sender.write(event);
    await expect(sender.send('a9')).rejects.toMatchObject({ code: 'TRQ_BUFFER_FULL', retryable: true });
    expect(sender.counters.received).toBe(9);
    expect(sender.write('b1')).toBe(true);
  });

  it('cuts batches by bytes too, and gives an event that is too large a batch of its own', async () => {
    const { sender, a } = setUp({ limits: { maxBatchSize: 100, maxBatchBytes: 14, maxPendingBatches: 10 } });
    for (const event of ['a1234', 'a5678', 'a', `a${'x'.repeat(50)}`, 'a']) sender.write(event);
    a.release();
    await sender.flush();
    expect(a.sizes).toEqual([2, 1, 1, 1]);
  });

  it('drops what cannot be written, and sends what stood before and behind it', async () => {
    const { sender, a, undelivered } = setUp();
    for (const event of ['a1', 'a!', 'a2']) sender.write(event);
    a.release();
    await sender.flush();
    expect(a.deliveries.map(({ events }) => events)).toEqual([['a1', 'a2']]);
    expect(undelivered).toEqual([['a!', dropped('unserializable', 'loud')]]);
    expect(await sender.send('a!')).toEqual(dropped('unserializable', 'loud'));
    expect(sender.counters).toMatchObject({ received: 4, sent: 2, dropped: { unserializable: 2 } });
    await sender.flush();
  });

  it('gives each event of a batch its own outcome, whoever handed it in', async () => {
    const { sender, a, undelivered } = setUp({ limits: { maxBatchSize: 5 } });
    const [one, two] = [sender.send('a1'), sender.send('a2')];
    sender.write('a3');
    const all = sender.sendAll(['a4', 'a5']);
    const refused = dropped('refused', 'no');
    const error = new TranquilityError('TRQ_PUSH_FAILED', 'broken');
    a.deliveries[0]?.settle([sent, { status: 'failed', error }, refused, sent, refused]);
    expect(await all).toMatchObject({ received: 2, sent: 1, dropped: { refused: 1 } });
    expect([await one, await two]).toEqual([sent, { status: 'failed', error }]);
    expect(undelivered.map(([event]) => event)).toEqual(['a2', 'a3', 'a5']);
    expect(sender.counters).toMatchObject({ received: 5, sent: 2, dropped: { refused: 2 }, failed: 1 });
  });

  it('tells the receipt of written events what became of them, batch by batch', async () => {
    const { sender, a } = setUp();
    const told: unknown[] = [];
    const receipt: Receipt = {
      sent: (count) => told.push(count),
      undelivered: (event, { status }) => {
        told.push([event, status]);
        throw new Error('a bug of the user');
      },
    };
    for (const event of ['a1', ' ', 'a2', 'a!', 'a3', 'a4']) sender.write(event, receipt);
    a.release();
    const warned = once(process, 'warning');
    await sender.flush();
    expect(told).toEqual([[' ', 'dropped'], ['a!', 'dropped'], 3, 1]);
    expect(sender.counters).toMatchObject({ received: 6, sent: 4, dropped: { unparseable: 1, unserializable: 1 } });
    await warned;
  });

  it('takes no event from within another', async () => {
    const { sender, a, undelivered } = setUp();
    const nested: unknown[] = [];
    const hostile = (text: string, act: () => unknown): unknown => ({
      toString: () => {
        try {
          act();
        } catch (error) {
          nested.push(error);
        }
        return text;
      },
    });
    sender.write(hostile('a1', () => sender.write('a2')));
    sender.write(hostile('a3', () => sender.send('a4').catch((error: unknown) => nested.push(error))));
    const flushed: Promise<void>[] = [];
    sender.write(hostile('a5', () => flushed.push(sender.flush())));
    a.release();
    await Promise.all(flushed);
    expect(a.deliveries.flatMap(({ events }) => events)).toEqual(['a1', 'a3', 'a5']);
    expect(nested).toMatchObject([{ code: 'TRQ_SENDER_BUSY' }, { code: 'TRQ_SENDER_BUSY' }]);
    expect([undelivered, sender.counters.sent]).toEqual([[], 3]);
  });

  it('takes an event from within the report of another', async () => {
    const beam = new LetterBeam();
    const sender: Sender = setUp({ beam, onUndelivered: () => sender.write('a1') }).sender;
    sender.write(' ');
    beam.destination('a').release();
    await sender.flush();
    expect(sender.counters).toMatchObject({ received: 2, sent: 1, dropped: { unparseable: 1 } });
  });

  it('waits for more as long as it lingers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { sender, a } = setUp({ limits: { lingerMillis: 20 } });
      sender.write('a1');
      await turn();
      sender.write('a2');
      vi.advanceTimersByTime(19);
      expect(a.sizes).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(a.sizes).toEqual([2]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('lingers for longer than a timer can', async () => {
    const { sender, a } = setUp({ limits: { lingerMillis: 2 ** 32 } });
    sender.write('a');
    await sleep(5);
    expect(a.deliveries).toHaveLength(0);
    a.release();
    await sender.flush();
    expect(a.sizes).toEqual([1]);
  });

  it('sends full batches only when it lingers for ever, or what there is when it is flushed', async () => {
    const { sender, a } = setUp({ limits: { lingerMillis: -1 } });
    a.isHolding = false;
    for (const event of many(4)) sender.write(event);
    await sleep(20);
    expect(a.sizes).toEqual([3]);
    await sender.flush();
    expect(a.sizes).toEqual([3, 1]);
  });

  it('gives each event its outcome', async () => {
    const { sender, a, undelivered } = setUp();
    const outcomes = [sender.send('a1'), sender.send(' '), sender.send('a2')];
    await turn();
    const refusal = dropped('refused', 'no');
    a.deliveries[0]?.settle(refusal);
    expect(await Promise.all(outcomes)).toEqual([refusal, dropped('unparseable', 'blank'), refusal]);
    expect(undelivered.map(([event]) => event)).toEqual([' ', 'a1', 'a2']);
    expect(sender.counters.dropped).toEqual({ unparseable: 1, refused: 2 });
  });

  it('gives every event its outcome although a callback throws', async () => {
    const warned = once(process, 'warning');
    const { sender, a } = setUp({
      onUndelivered: () => {
        throw new Error('a bug of the user');
      },
    });
    const outcomes = [sender.send(' '), sender.send('a1'), sender.send('a2')];
    await turn();
    a.deliveries[0]?.settle(dropped('refused', 'no'));
    expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(['dropped', 'dropped', 'dropped']);
    await sender.close();
    expect(String((await warned)[0])).toContain('a bug of the user');
  });

  it('makes a failure of what a destination throws', async () => {
    const { sender, a } = setUp();
    a.deliver = () => Promise.reject(new Error('a bug'));
    expect(await sender.send('a1')).toMatchObject({ status: 'failed', error: { code: 'TRQ_INTERNAL' } });
  });

  it('sends all of an iterable, sync or async, and waits for its own events only', async () => {
    const { sender, a, b } = setUp();
    const other = sender.send('b1');
    a.isHolding = false;
    async function* source(): AsyncGenerator<string> {
      for (const event of many(20)) {
        await turn();
        yield event;
      }
    }
    expect(await sender.sendAll(many(20))).toEqual({ received: 20, sent: 20, dropped: {}, failed: 0 });
    expect(await sender.sendAll(source())).toEqual({ received: 20, sent: 20, dropped: {}, failed: 0 });
    expect(await sender.sendAll([])).toEqual({ received: 0, sent: 0, dropped: {}, failed: 0 });
    b.release();
    expect(await other).toEqual(sent);
  });

  it('passes on what the source of sendAll throws; what was sent before stays sent', async () => {
    const { sender, a } = setUp();
    a.isHolding = false;
    function* source(): Generator<string> {
      yield 'a1';
      throw new Error('the source broke');
    }
    await expect(sender.sendAll(source())).rejects.toThrow('the source broke');
    await sender.flush();
    expect(sender.counters.sent).toBe(1);
  });

  it('drains when it is closed, once', async () => {
    const { sender, a, beam } = setUp();
    for (const event of many(10)) sender.write(event);
    const closing = sender.close();
    a.release();
    expect(await closing).toMatchObject({ received: 10, sent: 10, failed: 0, drained: true });
    expect(await sender.close()).toBe(await closing);
    expect(beam.closed).toBe(1);
    expect(() => sender.write('a')).toThrow(expect.objectContaining({ code: 'TRQ_SENDER_CLOSED' }));
    await expect(sender.send('a')).rejects.toMatchObject({ code: 'TRQ_SENDER_CLOSED' });
  });

  it.each([
    ['its time is up', { timeout: 10 }],
    ['it is told to', { signal: AbortSignal.timeout(10) }],
    ['it was told to before', { signal: AbortSignal.abort() }],
  ])('fails what is left when it is closed and %s', async (_, options) => {
    const { sender, undelivered } = setUp();
    const outcomes = many(10).map((event) => sender.send(event));
    expect(await sender.close(options)).toMatchObject({ received: 10, sent: 0, failed: 10, drained: false });
    for (const outcome of await Promise.all(outcomes))
      expect(outcome).toMatchObject({ error: { code: 'TRQ_ABORTED' } });
    expect(undelivered).toHaveLength(10);
  });

  it.each([2 ** 32, Infinity])(
    'waits for %d ms when it is closed, which is longer than a timer can',
    async (timeout) => {
      const { sender, a } = setUp();
      const outcome = sender.send('a');
      const closing = sender.close({ timeout });
      await sleep(5);
      a.release();
      expect(await closing).toMatchObject({ sent: 1, failed: 0, drained: true });
      expect(await outcome).toEqual(sent);
    },
  );

  it('gives every event exactly one outcome, whatever comes', async () => {
    const event = fc.oneof(fc.constant(' '), fc.stringMatching(/^[abc]x{0,20}$/));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(event, { maxLength: 20 }), { maxLength: 8 }),
        fc.record({
          maxBatchSize: fc.integer({ min: 1, max: 7 }),
          maxBatchBytes: fc.integer({ min: 1, max: 60 }),
          maxPendingBatches: fc.integer({ min: 1, max: 3 }),
          lingerMillis: fc.constantFrom(-1, 0, 1),
        }),
        async (turns, limits) => {
          const { sender, beam, undelivered } = setUp({ limits });
          for (const letter of 'abc') beam.destination(letter).isHolding = false;
          const outcomes: Promise<Outcome>[] = [];
          for (const events of turns) {
            for (const each of events) outcomes.push(sender.send(each));
            await turn();
          }
          await sender.close();
          const events = turns.flat();
          const statuses = (await Promise.all(outcomes)).map((outcome) => outcome.status);
          expect(statuses).toEqual(events.map((each) => (each === ' ' ? 'dropped' : 'sent')));
          expect(undelivered).toHaveLength(events.filter((each) => each === ' ').length);
          for (const letter of 'abc') {
            const delivered = beam.destination(letter).deliveries.flatMap((delivery) => delivery.events);
            expect(delivered).toEqual(events.filter((each) => each.startsWith(letter)));
            for (const size of beam.destination(letter).sizes) expect(size).toBeLessThanOrEqual(limits.maxBatchSize);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
