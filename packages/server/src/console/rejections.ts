import type { RejectReason } from '../post/post-report.js';

/** An event that was not sent, as people are shown it. */
interface RejectionSample {
  /** When, as ISO 8601. */
  readonly at: string;
  readonly message: string;
  /** The line where it began, from 1, and the bytes before it, where they are known. */
  readonly line?: number;
  readonly byte?: number;
  /** The beginning of the event, as JSON; null where it could not be read. */
  readonly event: string | null;
}

/** How many events of a dataSource were not sent for a reason, and the last ones. */
export interface RejectionReport {
  /** Null for events that have none. */
  readonly dataSource: string | null;
  readonly reason: RejectReason;
  readonly count: number;
  /** The latest first. */
  readonly samples: readonly RejectionSample[];
}

/** An event that was not sent. */
export interface Rejection {
  readonly dataSource: string | undefined;
  readonly reason: RejectReason;
  readonly message: string;
  readonly line?: number | undefined;
  readonly byte?: number | undefined;
  readonly event?: unknown;
}

/** The most samples of a dataSource and reason that are kept. */
const mostKept = 8;

/** The most samples of a dataSource and reason that are taken within a second: writing them down costs time. */
const mostTaken = 8;

/** The most characters that are kept of an event or a message. */
const mostCharacters = 400;

interface Kept {
  count: number;
  samples: RejectionSample[];
  /** The second of the last sample, and how many were taken in it. */
  second: number;
  taken: number;
}

/**
 * Counts the events that were not sent, by dataSource and reason, and keeps a few of the last ones. Its size is bounded by the config: a
 * name that a client invents is no dataSource.
 */
export class Rejections {
  readonly #kept = new Map<string | undefined, Map<RejectReason, Kept>>();

  add({ dataSource, reason, message, line, byte, event }: Rejection): void {
    const kept = this.#keptOf(dataSource, reason);
    kept.count++;
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== kept.second) Object.assign(kept, { second, taken: 0 });
    if (kept.taken === mostTaken) return;
    kept.taken++;
    kept.samples.unshift({
      at: new Date(now).toISOString(),
      message: beginning(message),
      ...(line === undefined ? {} : { line }),
      ...(byte === undefined ? {} : { byte }),
      event: textOf(event),
    });
    kept.samples.length = Math.min(kept.samples.length, mostKept);
  }

  get report(): readonly RejectionReport[] {
    return [...this.#kept].flatMap(([dataSource = null, reasons]) =>
      [...reasons].map(([reason, { count, samples }]) => ({ dataSource, reason, count, samples })),
    );
  }

  #keptOf(dataSource: string | undefined, reason: RejectReason): Kept {
    const reasons = this.#kept.get(dataSource) ?? new Map<RejectReason, Kept>();
    this.#kept.set(dataSource, reasons);
    const kept = reasons.get(reason) ?? { count: 0, samples: [], second: 0, taken: 0 };
    reasons.set(reason, kept);
    return kept;
  }
}

const beginning = (text: string): string =>
  text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;

function textOf(event: unknown): string | null {
  if (event === undefined) return null;
  // A character has four bytes at the most.
  if (event instanceof Uint8Array) return beginning(Buffer.from(event.subarray(0, 4 * mostCharacters)).toString());
  try {
    return beginning(JSON.stringify(event));
  } catch {
    return null;
  }
}
