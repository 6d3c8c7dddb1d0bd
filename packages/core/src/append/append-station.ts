import { resolve } from 'node:path';
import { TranquilityError } from '../errors/tranquility-error.js';
import { systemFiles } from '../journal/file-system.js';
import { Journal } from '../journal/journal.js';
import { Shares, type Share } from '../journal/shares.js';
import type { JournalStaging } from '../journal/staging.js';
import type { Logger } from '../observe/logger.js';
import { settingsText } from '../pull/pull-settings.js';
import type { Clock } from '../time/clock.js';
import { AppendLine } from './append-line.js';
import type { AppendStationSettings } from './append-settings.js';
import { BatchPlan } from './batch-plan.js';
import { RowServer } from './row-server.js';
import { Slots } from './slots.js';

/** Those of this process, by directory. */
const stations = new Shares<AppendStation>(
  (directory) =>
    new TranquilityError(
      'TRQ_CONFIG_INVALID',
      `The journal in ${directory} is in use in this process with other properties of journal or append.endpoint. Make them the same, or give each its own journal.directory and append.endpoint.port.`,
      { details: { directory } },
    ),
);

/** The journal of the batches of a process, the server of their rows, and the slots for their tasks. */
export class AppendStation {
  readonly #journal: Journal;
  readonly #server: RowServer;
  readonly #slots = new Slots(1);
  readonly #lines = new Shares<AppendLine>((dataSource) => new Error(`${dataSource} has one line.`));
  readonly #clock: Clock;
  readonly #logger: Logger;

  private constructor(journal: Journal, server: RowServer, clock: Clock, logger: Logger) {
    this.#journal = journal;
    this.#server = server;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * The station of a journal's directory: one for all dataSources of a process.
   * @throws TRQ_CONFIG_INVALID when others have it with other settings; TRQ_JOURNAL_LOCKED, TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED,
   * TRQ_JOURNAL_FULL, TRQ_ENDPOINT_FAILED.
   */
  static share(settings: AppendStationSettings, clock: Clock, logger: Logger): Promise<Share<AppendStation>> {
    return stations.share(resolve(settings.journal.directory), settingsText(settings), async () => {
      const journal = await Journal.open({ ...settings.journal, clock, logger });
      try {
        return new AppendStation(journal, await RowServer.start({ ...settings.server, logger }), clock, logger);
      } catch (error) {
        await journal.close();
        throw error;
      }
    });
  }

  /** What shows events to Druid, of dataSources that are staged. */
  get staging(): JournalStaging {
    return this.#journal.staging;
  }

  /** Where it is kept. */
  get directory(): string {
    return this.#journal.directory;
  }

  /** Where rows are served. */
  get port(): number {
    return this.#server.port;
  }

  /**
   * The line of a dataSource, one for all its senders.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL, TRQ_JOURNAL_FORMAT
   */
  line(dataSource: string): Promise<Share<AppendLine>> {
    return this.#lines.share(dataSource, '', () => this.#openLine(dataSource));
  }

  /**
   * Shows the rows of a dataSource as they come, or only when `staging` says so.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_STAGED
   */
  stage(dataSource: string, { log }: AppendLine, isStaged: boolean): Promise<void> {
    return this.#journal.stage(dataSource, new Map([[0, log]]), isStaged);
  }

  /** When no line is in use any more. */
  async close(): Promise<void> {
    await this.#server.close();
    await this.#journal.close();
  }

  async #openLine(dataSource: string): Promise<AppendLine> {
    const log = await this.#journal.log(dataSource, 0);
    const name = `${encodeURIComponent(dataSource)}.batches`;
    const plan = await BatchPlan.open(systemFiles, this.#journal.directory, name, log.startOffset);
    return new AppendLine({
      ...{ dataSource, log, plan },
      journal: this.#journal.id,
      server: this.#server,
      slots: this.#slots,
      clock: this.#clock,
      logger: this.#logger,
    });
  }
}
