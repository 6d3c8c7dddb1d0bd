import { setTimeout as sleep } from 'node:timers/promises';
import type { Sender } from '@tranquility-js/core';
import { sql } from './druid.js';
import { numberedEvent } from './numbered.js';
import { percentile } from './percentile.js';
import type { Figures } from './proof.js';

export interface Watched {
  readonly dataSource: string;
  readonly sender: Sender;
  /** The number of the first event. */
  readonly from: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** How long after the last event it is waited for, in milliseconds. */
const patience = 60_000;
/** How far back a query looks, in milliseconds: beyond it, it would read all that was there before. */
const lookBack = 60_000;
const tick = 10;

/**
 * Sends events at a steady rate, and asks for the greatest number through the router, each question as soon as the last was answered.
 * An event was visible when the first answer with its number or a greater one was there; its latency counts from the moment at which
 * it was handed to the sender. It is thus too long by up to the time between two answers, which is told too.
 * @throws Error when the last event does not show.
 */
export async function watchVisibility({ dataSource, sender, from, perSecond, seconds }: Watched): Promise<Figures> {
  const count = perSecond * seconds;
  const end = from + count;
  const handedIn = new Float64Array(count);
  const latencies: number[] = [];
  const polls: number[] = [];
  const began = performance.now();
  const isLate = (): boolean => performance.now() - began > seconds * 1_000 + patience;

  const handIn = async (): Promise<void> => {
    for (let n = from; n < end;) {
      const due = Math.min(end, from + Math.ceil(((performance.now() - began) / 1_000) * perSecond));
      for (; n < due; n++) {
        handedIn[n - from] = performance.now();
        sender.write(numberedEvent(n));
      }
      await sleep(tick);
    }
  };
  const watch = async (): Promise<void> => {
    const query = (): string =>
      `SELECT MAX("n") AS n FROM "${dataSource}" WHERE __time >= MILLIS_TO_TIMESTAMP(${Date.now() - lookBack})`;
    for (let next = from; next < end;) {
      const asked = performance.now();
      const [row] = await sql(query());
      const answered = performance.now();
      polls.push(answered - asked);
      const seen = Number(row?.['n'] ?? -1);
      for (; next <= seen; next++) latencies.push(answered - (handedIn[next - from] ?? NaN));
      if (isLate()) throw new Error(`Of ${count} events only ${next - from} were seen.`);
    }
  };
  await Promise.all([handIn(), watch()]);
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return {
    'latency p50, ms': tenths(percentile(latencies, 0.5)),
    'latency p99, ms': tenths(percentile(latencies, 0.99)),
    'latency, greatest, ms': tenths(percentile(latencies, 1)),
    'between two answers p50, ms': tenths(percentile(polls, 0.5)),
    'between two answers p99, ms': tenths(percentile(polls, 0.99)),
    answers: polls.length,
  };
}
