import { messageOf } from '../errors/tranquility-error.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { Logger } from '../observe/logger.js';
import type { SupervisorStatus } from './supervisor-status.js';

/**
 * Removes from the journal what Druid cannot ask for again: what is below the offsets at which the tasks that read and those that
 * publish have begun. While a partition has no task, nothing of it is removed. As such a status is put together while tasks
 * come and go, what it says counts only when the one before it said so too.
 */
export class Retention {
  readonly #logs: ReadonlyMap<number, Pick<JournalLog, 'directory' | 'endOffset' | 'trimTo'>>;
  readonly #logger: Logger;
  #last: ReadonlyMap<number, number> = new Map();

  constructor(logs: ReadonlyMap<number, Pick<JournalLog, 'directory' | 'endOffset' | 'trimTo'>>, logger: Logger) {
    this.#logs = logs;
    this.#logger = logger;
  }

  /** Acts on what Druid says of its tasks. Does not throw. */
  async saw({ oldestNeeded }: Pick<SupervisorStatus, 'oldestNeeded'>): Promise<void> {
    const before = this.#last;
    this.#last = oldestNeeded;
    for (const [partition, log] of this.#logs) {
      const [now, then] = [oldestNeeded.get(partition), before.get(partition)];
      if (now === undefined || then === undefined) continue;
      // Beyond the end Druid stands in another log: that says nothing of this one.
      if (now > log.endOffset || then > log.endOffset) continue;
      try {
        const removed = await log.trimTo(Math.min(now, then));
        if (removed > 0) this.#logger.debug(`${log.directory}: ${removed} bytes that Druid has published are removed.`);
      } catch (error) {
        this.#logger.warn(messageOf(error));
      }
    }
  }
}
