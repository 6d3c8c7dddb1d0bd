import { join } from 'node:path';
import { silentLogger, type Logger } from '../observe/logger.js';
import { systemClock, type Clock } from '../time/clock.js';
import { DiskBudget } from './disk-budget.js';
import { isMissing, syncDirectory, systemFiles, unfinished, writeWhole, type FileSystem } from './file-system.js';
import type { SyncPolicy } from './group-commit.js';
import { badFormat, journalClosed, diskTrouble } from './journal-error.js';
import { JournalLog, type LogContext } from './journal-log.js';
import { OpenSegments } from './open-segments.js';
import { WriterLock } from './writer-lock.js';

export interface JournalOptions {
  /** Where it is kept; made if it is not there. Only one process may have it open. */
  readonly directory: string;
  /** When rows are made durable; they are neither acknowledged nor read before. Default `always`. */
  readonly sync?: SyncPolicy;
  /** The size of a segment, in bytes. Default 128 MiB. */
  readonly segmentBytes?: number;
  /** The age at which a segment ends, in milliseconds. Default an hour. */
  readonly segmentMillis?: number;
  /** The most bytes of all partitions together. Default: no limit but the disk's. */
  readonly maxBytes?: number;
  /** What is left free on the disk, in bytes. Default 256 MiB. */
  readonly minFreeBytes?: number;
  /** How long rows are kept at least, in milliseconds, whoever has read them. Default ten minutes. */
  readonly reserveMillis?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly files?: FileSystem;
}

const megabyte = 1_048_576;
const defaults = {
  sync: 'always',
  segmentBytes: 128 * megabyte,
  segmentMillis: 3_600_000,
  maxBytes: Infinity,
  minFreeBytes: 256 * megabyte,
  reserveMillis: 600_000,
  clock: systemClock,
  logger: silentLogger,
  files: systemFiles,
} as const;

const formatFile = 'format';
const format = 'tranquility-journal 1\n';

/** The durable logs of one process: a directory with a folder for each partition of each topic. */
export class Journal implements AsyncDisposable {
  readonly directory: string;
  readonly #context: LogContext;
  readonly #lock: WriterLock;
  readonly #logs = new Map<string, Promise<JournalLog>>();
  #isClosed = false;

  private constructor(directory: string, context: LogContext, lock: WriterLock) {
    this.directory = directory;
    this.#context = context;
    this.#lock = lock;
  }

  /**
   * Opens the journal of a directory and all that is in it, and mends what a crash has left.
   * @throws TRQ_JOURNAL_LOCKED, TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const { directory, maxBytes, minFreeBytes, ...rest } = { ...defaults, ...options };
    const { files } = rest;
    await files.mkdir(directory, { recursive: true }).catch((error: unknown) => {
      throw diskTrouble(`make the directory ${directory}`, error);
    });
    const lock = await WriterLock.acquire(files, directory);
    const budget = new DiskBudget(files, directory, { maxBytes, minFreeBytes });
    const journal = new Journal(directory, { ...rest, budget, open: new OpenSegments(files) }, lock);
    try {
      await requireFormat(files, directory);
      for (const name of await files.readdir(directory)) {
        const known = partitionOf(name);
        if (known !== undefined) await journal.log(known.topic, known.partition);
      }
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** How much of `maxBytes` is taken, from 0 to 1: slow down before it is 1. */
  get pressure(): number {
    return this.#context.budget.pressure;
  }

  /** The bytes of all partitions. */
  get size(): number {
    return this.#context.budget.used;
  }

  /** All partitions that there are. */
  async logs(): Promise<readonly JournalLog[]> {
    return Promise.all(this.#logs.values());
  }

  /**
   * The log of a partition, begun if there is none yet.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL, TRQ_JOURNAL_CLOSED
   */
  log(topic: string, partition: number): Promise<JournalLog> {
    if (this.#isClosed) return Promise.reject(journalClosed(this.directory));
    const name = folderOf(topic, partition);
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    const opened = this.#open(name);
    this.#logs.set(name, opened);
    opened.catch(() => this.#logs.delete(name));
    return opened;
  }

  /** Waits for appends under way, and leaves everything in order. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const log of await Promise.allSettled(this.#logs.values())) {
      if (log.status === 'fulfilled') await log.value.close();
    }
    await this.#context.open.close();
    await this.#lock.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #open(name: string): Promise<JournalLog> {
    const log = await JournalLog.open(join(this.directory, name), this.#context);
    await syncDirectory(this.#context.files, this.directory).catch((error: unknown) => {
      throw diskTrouble(`sync the directory ${this.directory}`, error);
    });
    return log;
  }
}

const folderOf = (topic: string, partition: number): string => `${encodeURIComponent(topic)}-${partition}`;

/** The partition of a folder; `undefined` when it is not ours. */
function partitionOf(folder: string): { topic: string; partition: number } | undefined {
  const [, name, digits] = /^(.+)-(\d+)$/.exec(folder) ?? [];
  if (name === undefined) return undefined;
  try {
    const [topic, partition] = [decodeURIComponent(name), Number(digits)];
    return folderOf(topic, partition) === folder ? { topic, partition } : undefined;
  } catch {
    return undefined;
  }
}

/** Makes sure that the directory is a journal that this version reads, or makes an empty one into such. */
async function requireFormat(files: FileSystem, directory: string): Promise<void> {
  const path = join(directory, formatFile);
  let found: string;
  try {
    found = await files.readFile(path, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw diskTrouble(`read ${path}`, error);
    await begin(files, directory, path);
    return;
  }
  if (found !== format) {
    const [want, have] = [format.trim(), found.slice(0, 80).trim()];
    throw badFormat(
      `${path} says ${JSON.stringify(have)}, and this version reads ${JSON.stringify(want)}. Use the version that wrote it, or another directory.`,
    );
  }
}

async function begin(files: FileSystem, directory: string, path: string): Promise<void> {
  const names = await files.readdir(directory);
  const other = names.find((name) => !WriterLock.owns(name) && name !== formatFile + unfinished);
  if (other !== undefined) {
    throw badFormat(
      `${directory} is no journal, and not empty: it has ${other}. Choose an empty directory, or one that is not there yet.`,
    );
  }
  try {
    await writeWhole(files, path, Buffer.from(format));
    await syncDirectory(files, directory);
  } catch (error) {
    throw diskTrouble(`write ${path}`, error);
  }
}
