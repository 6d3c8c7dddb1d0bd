import { messageOf } from '../errors/tranquility-error.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { Logger } from '../observe/logger.js';
import type { SupervisorStatus } from './supervisor-status.js';

type RetainedLog = Pick<JournalLog, 'directory' | 'endOffset' | 'need' | 'needed' | 'trimTo'>;

/**
 * Removes from the journal what Druid cannot ask for again: what is below the offsets at which the tasks that read and those that
 * publish have begun. While a partition has no task, nothing of it is removed. As such a status is put together while tasks
 * come and go, what it says counts only as far as the one before it that had tasks said so too. The journal keeps that one, as a
 * process may end before it has seen two.
 */
export class Retention {
  readonly #logs: ReadonlyMap<number, RetainedLog>;
  readonly #logger: Logger;
  readonly #last: Map<number, number | undefined>;

  constructor(logs: ReadonlyMap<number, RetainedLog>, logger: Logger) {
    this.#logs = logs;
    this.#logger = logger;
    this.#last = new Map([...logs].map(([partition, { needed }]) => [partition, needed]));
  }

  /** Acts on what Druid says of its tasks. Does not throw. */
  async saw({ oldestNeeded }: Pick<SupervisorStatus, 'oldestNeeded'>): Promise<void> {
    for (const [partition, log] of this.#logs) {
      const now = oldestNeeded.get(partition);
      // Beyond the end Druid stands in another log: that says nothing of this one.
      if (now === undefined || now > log.endOffset) continue;
      const then = this.#last.get(partition);
      this.#last.set(partition, now);
      try {
        if (then !== undefined && then <= log.endOffset) await this.#trim(log, Math.min(now, then));
        await log.need(now);
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
