import { resolve } from 'node:path';
import { TranquilityError } from '../errors/tranquility-error.js';
import { systemFiles } from '../journal/file-system.js';
import { Journal } from '../journal/journal.js';
import { Shares, type Share } from '../journal/shares.js';
import type { Logger } from '../observe/logger.js';
import { settingsText } from '../pull/pull-settings.js';
import type { Clock } from '../time/clock.js';
import { RelayLine } from './relay-line.js';
import { RelayPlace } from './relay-place.js';
import type { RelaySettings } from './relay-settings.js';

/** Those of this process, by directory. */
const stations = new Shares<RelayStation>(
  (directory) =>
    new TranquilityError(
      'TRQ_CONFIG_INVALID',
      `The journal in ${directory} is in use in this process with other properties of journal. Make them the same, or give each its own journal.directory.`,
      { details: { directory } },
    ),
);

/** The journal before the lane realtime of a process. */
export class RelayStation {
  readonly #journal: Journal;
  readonly #lines = new Shares<RelayLine>((dataSource) => new Error(`${dataSource} has one line.`));
  readonly #clock: Clock;
  readonly #logger: Logger;

  private constructor(journal: Journal, clock: Clock, logger: Logger) {
    this.#journal = journal;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * The station of a journal's directory: one for all dataSources of a process.
   * @throws TRQ_CONFIG_INVALID when others have it with other settings; TRQ_JOURNAL_LOCKED, TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED,
   * TRQ_JOURNAL_FULL.
   */
  static share(settings: RelaySettings, clock: Clock, logger: Logger): Promise<Share<RelayStation>> {
    return stations.share(
      resolve(settings.directory),
      settingsText(settings),
      async () => new RelayStation(await Journal.open({ ...settings, clock, logger }), clock, logger),
    );
  }

  /** Where it is kept. */
  get directory(): string {
    return this.#journal.directory;
  }

  /**
   * The line of a dataSource, one for all its senders.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL, TRQ_JOURNAL_FORMAT
   */
  line(dataSource: string): Promise<Share<RelayLine>> {
    return this.#lines.share(dataSource, '', () => this.#openLine(dataSource));
  }

  /** When no line is in use any more. */
  close(): Promise<void> {
    return this.#journal.close();
  }

  async #openLine(dataSource: string): Promise<RelayLine> {
    const log = await this.#journal.log(dataSource, 0);
    const name = `${encodeURIComponent(dataSource)}.place`;
    const place = await RelayPlace.open(systemFiles, this.#journal.directory, name, log.startOffset);
    // Events that come now must not be taken for delivered ones, should files of the log be gone.
    await log.leapOver(place.delivered.next);
    return new RelayLine({ dataSource, log, place, clock: this.#clock, logger: this.#logger });
  }
}
