import { messageOf } from '../errors/tranquility-error.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import type { SupervisorStatus } from './supervisor-status.js';

/** What a look said is needed, and when that was, in epoch milliseconds. */
interface Seen {
  readonly needed: number;
  readonly at: number;
}

type RetainedLog = Pick<JournalLog, 'directory' | 'endOffset' | 'need' | 'needed' | 'trimTo'>;

/**
 * Removes from the journal what Druid cannot ask for again: what is below the offsets at which the tasks that read and those that
 * publish have begun. While a partition has no task, nothing of it is removed. As such a status is put together while tasks
 * come and go, what it says counts only as far as one that had tasks said so too, a while before. The journal keeps that one, as a
 * process may end before it has seen two.
 */
export class Retention {
  readonly #logs: ReadonlyMap<number, RetainedLog>;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #apart: number;
  readonly #last: Map<number, Seen>;

  /** @param apart how long there is between two looks that count, in milliseconds. */
  constructor(logs: ReadonlyMap<number, RetainedLog>, logger: Logger, clock: Clock, apart: number) {
    this.#logs = logs;
    this.#logger = logger;
    this.#clock = clock;
    this.#apart = apart;
    this.#last = new Map(
      [...logs].flatMap(([partition, { needed }]) =>
        needed === undefined ? [] : [[partition, { needed, at: -Infinity }]],
      ),
    );
  }

  /** Acts on what Druid says of its tasks. Does not throw. */
  async saw({ oldestNeeded }: Pick<SupervisorStatus, 'oldestNeeded'>): Promise<void> {
    for (const [partition, log] of this.#logs) {
      const now = oldestNeeded.get(partition);
      // Beyond the end Druid stands in another log: that says nothing of this one.
      if (now === undefined || now > log.endOffset) continue;
      const before = this.#last.get(partition);
      const then = before !== undefined && before.needed <= log.endOffset ? before : undefined;
      const isSoon = then !== undefined && this.#clock.now() - then.at < this.#apart;
      const needed = isSoon ? Math.min(now, then.needed) : now;
      this.#last.set(partition, { needed, at: isSoon ? then.at : this.#clock.now() });
      try {
        if (then !== undefined && !isSoon) await this.#trim(log, Math.min(now, then.needed));
        await log.need(needed);
      } catch (error) {
        this.#logger.warn(messageOf(error));
      }
    }
  }

  async #trim(log: RetainedLog, offset: number): Promise<void> {
    const removed = await log.trimTo(offset);
    if (removed > 0) this.#logger.debug(`${log.directory}: ${removed} bytes that Druid has published are removed.`);
  }
}
