import type { CounterSnapshot } from '@tranquility-js/core';
import type { Senders } from '../senders.js';
import { RecentTimes, type TimesReport } from './recent-times.js';
import { Rejections, type RejectionReport } from './rejections.js';

/** What the server counts. All counters only grow. */
export interface LiveReport {
  /** ISO 8601. */
  readonly at: string;
  readonly dataSources: readonly {
    readonly dataSource: string;
    readonly lane: string | null;
    readonly counters: CounterSnapshot;
    /** POSTs to it that were answered 200. */
    readonly posts: TimesReport;
  }[];
  /** Answers to POSTs, by status; those whose client left in the middle of its body as `aborted`. */
  readonly answers: Readonly<Record<string, number>>;
  readonly rejections: readonly RejectionReport[];
}

/** Watches what is posted, for people: cheap to ask every second, as Druid is never asked for it. */
export class Live {
  readonly rejections = new Rejections();
  readonly #senders: Senders;
  readonly #times = new Map<string, RecentTimes>();
  readonly #answers: Record<string, number> = {};

  constructor(senders: Senders) {
    this.#senders = senders;
  }

  answered(status: number | 'aborted'): void {
    this.#answers[status] = (this.#answers[status] ?? 0) + 1;
  }

  /** @param millis how long it took to answer a POST with 200. */
  took(dataSource: string | undefined, millis: number): void {
    if (dataSource === undefined) return;
    const times = this.#times.get(dataSource) ?? new RecentTimes();
    this.#times.set(dataSource, times);
    times.add(millis, performance.now());
  }

  look(): LiveReport {
    const now = performance.now();
    return {
      at: new Date().toISOString(),
      dataSources: this.#senders.all.map(({ config: { dataSource }, lane, counters }) => ({
        dataSource,
        lane: lane?.lane ?? null,
        counters,
        posts: this.#times.get(dataSource)?.report(now) ?? { count: 0, p50: null, p99: null },
      })),
      answers: { ...this.#answers },
      rejections: this.rejections.report,
    };
  }
}
