import { join } from 'node:path';
import { isJsonObject } from '../spec/json.js';
import { syncDirectory, type FileSystem } from './file-system.js';
import { diskTrouble, journalStaged } from './journal-error.js';
import type { JournalLog } from './journal-log.js';
import { writeSealedJson } from './sealed-json.js';
import { readState } from './sealed-state.js';

/** What the file says: up to which offset each log is shown, and what the last stage was, if it is not decided. */
interface Written {
  readonly shown: Readonly<Record<string, number>>;
  readonly stage?: Stage;
}

/** Rows that are durable and shown to nobody, until it is known that their source has let go of them. */
interface Stage {
  /** What the source needs to know to decide. */
  readonly token: string;
  /** Up to which offset, of each log. */
  readonly ends: Readonly<Record<string, number>>;
}

/**
 * Keeps rows of some logs from readers until the source that they come from has noted how far it was read: so none is read twice, or
 * missed, whatever crashes in between. First the rows are made durable, then `stage` writes down where they end, then the source notes its
 * place, then `show` lets readers have them. After a crash in between, the source is asked what it noted.
 */
export interface Staging {
  /** The journal's own among all journals. */
  readonly id: string;
  /** The token of a stage that a process before has left undecided. Until `show` or `drop` decides, no rows are taken. */
  readonly undecided: string | undefined;
  /**
   * Writes down that all rows so far belong together. None may be under way.
   * @param token given back by `undecided`, should this process not come to `show` or `drop`.
   * @returns whether there are any; if not, nothing need be decided.
   * @throws TRQ_JOURNAL_FAILED
   */
  stage(token: string): Promise<boolean>;
  /**
   * Shows the rows of the stage. Those that came after it wait for the next.
   * @throws TRQ_JOURNAL_FAILED
   */
  show(): Promise<void>;
  /**
   * Takes away all rows that are not shown: their source is going to give them again. None may be under way.
   * @throws TRQ_JOURNAL_FAILED
   */
  drop(): Promise<void>;
}

const name = 'staged';
const path = (directory: string): string => join(directory, name);

const remedy =
  'so it is not known which events of a connector Druid may have. Nothing was changed. Remove the file, and Druid gets all events that are in the journal; those that their source had not let go of come once more from there. An older copy of the file would take away events that the source gives no more.';

/** The staging of a journal: a file beside its logs. */
export class JournalStaging implements Staging {
  readonly id: string;
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #logs = new Map<string, JournalLog>();
  #shown: ReadonlyMap<string, number>;
  #stage: Stage | undefined;
  #isFromBefore: boolean;
  #decided: Promise<void> = Promise.resolve();
  #decide: () => void = () => undefined;
  /** Changes of the file that must not meet. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(id: string, files: FileSystem, directory: string, { shown, stage }: Written) {
    this.id = id;
    this.#files = files;
    this.#directory = directory;
    this.#shown = new Map(Object.entries(shown));
    this.#stage = stage;
    this.#isFromBefore = stage !== undefined;
    if (this.#isFromBefore) {
      this.#decided = new Promise((resolve) => {
        this.#decide = resolve;
      });
    }
  }

  /** @throws TRQ_JOURNAL_FORMAT when the file is not as it was written; TRQ_JOURNAL_FAILED */
  static async open(id: string, files: FileSystem, directory: string): Promise<JournalStaging> {
    const written = await readState<Written>({
      files,
      directory,
      name,
      initial: { shown: {} },
      read: readWritten,
      remedy,
    });
    return new JournalStaging(id, files, directory, written);
  }

  get undecided(): string | undefined {
    return this.#isFromBefore ? this.#stage?.token : undefined;
  }

  /** Resolves when nothing is undecided that a process before has left. */
  get decided(): Promise<void> {
    return this.#decided;
  }

  /** Takes back up a log that was staged before: rows that no stage has are gone, as their source still has them. */
  async opened(name: string, log: JournalLog): Promise<void> {
    const shown = this.#shown.get(name);
    if (shown === undefined) return;
    log.hold(shown);
    await log.cutFrom(Math.max(shown, this.#stage?.ends[name] ?? 0));
    this.#logs.set(name, log);
  }

  /** From now on shows the rows of logs only when `show` says so. */
  hold(logs: ReadonlyMap<string, JournalLog>): Promise<void> {
    return this.#inTurn(async () => {
      const added = [...logs].filter(([name]) => !this.#logs.has(name));
      if (added.length === 0) return;
      const ends = added.map(([name, log]) => [name, log.endOffset] as const);
      await this.#write(new Map([...this.#shown, ...ends]), this.#stage);
      for (const [name, log] of added) {
        log.hold(this.#shown.get(name) ?? 0);
        this.#logs.set(name, log);
      }
    });
  }

  /**
   * From now on shows the rows of logs as they come.
   * @throws TRQ_JOURNAL_STAGED while it is not known what becomes of rows in them.
   */
  letGo(names: Iterable<string>): Promise<void> {
    return this.#inTurn(async () => {
      const held = [...names].filter((name) => this.#logs.has(name));
      if (held.length === 0) return;
      const staged = held.find((name) => (this.#stage?.ends[name] ?? 0) > (this.#shown.get(name) ?? 0));
      if (staged !== undefined) throw journalStaged(this.#directory);
      await this.#write(new Map([...this.#shown].filter(([name]) => !held.includes(name))), this.#stage);
      for (const name of held) {
        this.#logs.get(name)?.unhold();
        this.#logs.delete(name);
      }
    });
  }

  stage(token: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const ends = [...this.#logs].map(([name, log]) => [name, log.tail] as const);
      if (ends.every(([name, end]) => end <= (this.#shown.get(name) ?? 0))) return false;
      await this.#write(this.#shown, { token, ends: Object.fromEntries(ends) });
      return true;
    });
  }

  show(): Promise<void> {
    return this.#inTurn(async () => {
      const stage = this.#stage;
      if (stage === undefined) return;
      const shown = new Map([...this.#shown, ...Object.entries(stage.ends)]);
      // Of one that was written in this process the next one tells: then there is no file to be written for each.
      if (this.#isFromBefore) await this.#write(shown, undefined);
      [this.#shown, this.#stage] = [shown, undefined];
      for (const [name, end] of Object.entries(stage.ends)) this.#logs.get(name)?.hold(end);
      this.#open();
    });
  }

  drop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write(this.#shown, undefined);
      for (const [name, log] of this.#logs) await log.cutFrom(this.#shown.get(name) ?? 0);
      this.#open();
    });
  }

  /** Leaves word of what is shown. What is staged stays undecided. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#shown.size > 0) await this.#write(this.#shown, this.#stage);
    });
  }

  /** From here on rows are taken again. */
  #open(): void {
    this.#isFromBefore = false;
    this.#decide();
  }

  /** What cannot be written down is not so. */
  async #write(shown: ReadonlyMap<string, number>, stage: Stage | undefined): Promise<void> {
    const written: Written = { shown: Object.fromEntries(shown), ...(stage === undefined ? {} : { stage }) };
    try {
      await writeSealedJson(this.#files, path(this.#directory), written);
      await syncDirectory(this.#files, this.#directory);
    } catch (error) {
      throw diskTrouble(`write ${path(this.#directory)}`, error);
    }
    [this.#shown, this.#stage] = [shown, stage];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function readWritten(value: unknown): Written | undefined {
  if (!isJsonObject(value) || !isOffsets(value['shown'])) return undefined;
  const { shown, stage } = value;
  if (stage === undefined) return { shown };
  if (!isJsonObject(stage) || typeof stage['token'] !== 'string' || !isOffsets(stage['ends'])) return undefined;
  return { shown, stage: { token: stage['token'], ends: stage['ends'] } };
}

const isOffsets = (value: unknown): value is Readonly<Record<string, number>> =>
  isJsonObject(value) && Object.values(value).every(Number.isSafeInteger);
