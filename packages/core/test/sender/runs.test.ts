import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Beam, Destination, RoutedRun } from '../../src/beam/beam.js';
import { TranquilityError } from '../../src/errors/tranquility-error.js';
import { EventReader } from '../../src/event/event-reader.js';
import { JsonReader } from '../../src/event/json-reader.js';
import type { ObjectRuns } from '../../src/event/object-runs.js';
import { dropped, failed, sent, type Dropped, type Outcome, type Outcomes } from '../../src/event/outcome.js';
import type { RowBatch } from '../../src/event/row-batch.js';
import { Counters } from '../../src/observe/counters.js';
import type { QueueLimits, Receipt } from '../../src/sender/delivery-queue.js';
import { Sender } from '../../src/sender/sender.js';
import { systemClock } from '../../src/time/clock.js';

const dozen = 12;

/** Keeps its rows as texts, and gives a row whose `outcome` says so another outcome than `sent`. */
class KeepingDestination implements Destination {
  readonly name: string;
  readonly batches: (readonly [row: string, time: number | undefined])[][] = [];

  constructor(name: string) {
    this.name = name;
  }

  deliver(rows: RowBatch): Promise<Outcomes> {
    const texts = rows.slice().rows.map(String);
    expect(String(rows.slice().array())).toBe(`[${texts.join(', ')}]`);
    this.batches.push(texts.map((text, row) => [text, rows.timestamps[row]]));
    return Promise.resolve(texts.map(outcomeOf));
  }
}

function outcomeOf(row: string): Outcome {
  if (row.includes('"drop"')) return dropped('early', 'it says so');
  return row.includes('"fail"') ? failed(new TranquilityError('TRQ_ABORTED', 'it says so')) : sent;
}

/** A destination for each dozen of the time; below zero and from 96 on there is none. */
class DozenBeam implements Beam {
  readonly destinations = new Map<number, KeepingDestination>();
  readonly reader: EventReader;

  constructor(format: string) {
    this.reader = new EventReader({ column: 'time', format }, () => true);
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  route(event: unknown): Destination | Dropped {
    return this.reader.accept(event) ?? this.#at(this.reader.timestamp);
  }

  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped {
    return this.reader.adopt(row, timestamp) ?? this.#at(timestamp);
  }

  write(rows: RowBatch): Dropped | undefined {
    return this.reader.write(rows);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #at(time: number): Destination | Dropped {
    if (time < 0 || time >= 96) return dropped('late', `${time} is outside.`);
    const index = Math.floor(time / dozen);
    const known = this.destinations.get(index) ?? new KeepingDestination(`dozen ${index}`);
    this.destinations.set(index, known);
    return known;
  }
}

class RunBeam extends DozenBeam {
  runs = 0;

  routeRun(run: ObjectRuns): RoutedRun | undefined {
    const time = this.reader.timesOf(run)?.[run.at] ?? NaN;
    if (!(time < 96)) return undefined;
    const destination = this.route(Buffer.from(`{"time":${time}}`)) as Destination;
    let end = run.at + 1;
    while (end < run.count && Math.floor((run.times[end] ?? NaN) / dozen) === Math.floor(time / dozen)) end++;
    this.runs++;
    return { destination, count: end - run.at };
  }
}

/** Sends the events of a body from where they lie. @returns what every destination got, and what the receipt was told. */
async function post(beam: DozenBeam, body: string, limits: QueueLimits, chunk: number): Promise<unknown> {
  const counters = new Counters();
  const sender = new Sender({ dataSource: 'dozens', beam, limits, blockOnFull: true, counters, clock: systemClock });
  const told: unknown[] = [];
  let confirmed = 0;
  const receipt: Receipt = {
    sent: (count) => {
      confirmed += count;
    },
    undelivered: (event, outcome, place) => {
      told.push([String(event), outcome.status, place]);
    },
  };
  const reader = new JsonReader(
    { format: 'auto' },
    {
      take: (event) => {
        sender.writeFound(event, receipt);
      },
      takeRun: (run) => {
        sender.writeRun(run, receipt);
      },
    },
  );
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.subarray(at, at + chunk));
    await sender.drained();
  }
  reader.end();
  await sender.close();
  const places = told.sort((one, other) => ((one as number[])[2] ?? 0) - ((other as number[])[2] ?? 0));
  const batches = [...beam.destinations.values()].map((destination) => [destination.name, destination.batches]);
  return { batches, told: places, confirmed, counters: counters.snapshot(), refused: reader.take()?.refused };
}

const time = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 30 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('95', '96', '-1', '"7"', '"1970-01-01T00:00:00.005Z"', '1.5', 'null', 'x') },
);
const more = fc.constantFrom('', ',"a":"ü"', ',"a":"drop"', ',"a":"fail"', `,"a":"${'x'.repeat(40)}"`, ', "b": [1]');
const event = fc.tuple(time, more).map(([time, more]) => `{"time":${time}${more}}`);
const limits = fc.record({
  maxBatchSize: fc.integer({ min: 1, max: 6 }),
  maxBatchBytes: fc.constantFrom(30, 100, 10_000),
  maxPendingBatches: fc.constantFrom(1, 3),
  lingerMillis: fc.constant(-1),
});

describe('events that are sent in runs', () => {
  it.each(['auto', 'millis', 'posix'])('become what they become one by one: %s', async (format) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 40 }),
        fc.boolean(),
        limits,
        fc.constantFrom(50, 100_000),
        async (events, isList, limits, chunk) => {
          const body = isList ? `[${events.join(', ')}]` : events.join('\n');
          const beam = new RunBeam(format);
          const inRuns = await post(beam, body, limits, chunk);
          expect(inRuns).toEqual(await post(new DozenBeam(format), body, limits, chunk));
          runs += beam.runs;
        },
      ),
      { numRuns: 150 },
    );
    expect(runs > 0).toBe(format !== 'posix');
  });

  it('wait until another took them where the sender is full or closed', async () => {
    const beam = new RunBeam('auto');
    const limits = { maxBatchSize: 2, maxBatchBytes: 1000, maxPendingBatches: 1, lingerMillis: -1 };
    const counters = new Counters();
    const sender = new Sender({ dataSource: 'dozens', beam, limits, blockOnFull: false, counters, clock: systemClock });
    const taken: number[] = [];
    const send = (): void => {
      const reader = new JsonReader(
        { format: 'json' },
        {
          take: (event) => {
            sender.writeFound(event);
          },
          takeRun: (run) => {
            const { at } = run;
            sender.writeRun(run);
            taken.push(run.at - at);
          },
        },
      );
      reader.push(Buffer.from('[{"time":1},{"time":2},{"time":3},{"time":4},{"time":5}]'));
    };
    expect(send).toThrow(expect.objectContaining({ code: 'TRQ_BUFFER_FULL' }));
    expect(taken).toEqual([4]);
    await sender.close();
    expect(counters.snapshot()).toMatchObject({ received: 4, sent: 4 });
    expect(send).toThrow(expect.objectContaining({ code: 'TRQ_SENDER_CLOSED' }));
  });
});
