import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { messageOf } from '../errors/tranquility-error.js';
import { silentLogger, type Logger } from '../observe/logger.js';
import { systemClock, type Clock } from '../time/clock.js';
import { DiskBudget } from './disk-budget.js';
import { isMissing, syncDirectory, systemFiles, unfinished, writeWhole, type FileSystem } from './file-system.js';
import type { SyncPolicy } from './group-commit.js';
import { badFormat, journalClosed, diskTrouble } from './journal-error.js';
import { JournalLog, type LogContext } from './journal-log.js';
import { OpenSegments } from './open-segments.js';
import { JournalStaging } from './staging.js';
import { WriterLock } from './writer-lock.js';

export interface JournalOptions {
  /** Where it is kept; made if it is not there. Only one process may have it open, and only one host have it mounted for writing. */
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
/** Folders within it that are journals of their own: of batches to append, and of events for realtime tasks. */
export const within = { append: 'append', relay: 'realtime' } as const;
/** The line that its first line must be. Behind it comes the journal's id. */
const format = 'tranquility-journal 1\n';

/** A partition of the journal. */
export interface JournalPartition {
  readonly topic: string;
  readonly partition: number;
  readonly log: JournalLog;
}

/** The durable logs of one process: a directory with a folder for each partition of each topic. */
export class Journal implements AsyncDisposable {
  readonly directory: string;
  /** Its own among all journals. */
  readonly id: string;
  /** Of the logs that show their rows only when their source has let go of them. */
  readonly staging: JournalStaging;
  readonly #context: LogContext;
  readonly #lock: WriterLock;
  readonly #logs = new Map<string, Promise<JournalLog>>();
  #isClosed = false;

  private constructor(directory: string, staging: JournalStaging, context: LogContext, lock: WriterLock) {
    this.directory = directory;
    this.id = staging.id;
    this.staging = staging;
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
    const open = new OpenSegments(files);
    let journal: Journal;
    try {
      const id = await requireFormat(files, directory);
      const staging = await JournalStaging.open(id, files, directory);
      journal = new Journal(directory, staging, { ...rest, budget, open }, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
    try {
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
  async partitions(): Promise<readonly JournalPartition[]> {
    const all = [...this.#logs].flatMap(([name, log]) => {
      const known = partitionOf(name);
      return known === undefined ? [] : [{ ...known, log }];
    });
    return Promise.all(all.map(async ({ log, ...known }) => ({ ...known, log: await log })));
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

  /**
   * Shows the rows of some partitions of a topic as they come, or only when `staging` says so.
   * @throws TRQ_JOURNAL_FAILED; TRQ_JOURNAL_STAGED when it is not known what becomes of rows in them.
   */
  async stage(topic: string, partitions: ReadonlyMap<number, JournalLog>, isStaged: boolean): Promise<void> {
    const logs = new Map([...partitions].map(([partition, log]) => [folderOf(topic, partition), log]));
    await (isStaged ? this.staging.hold(logs) : this.staging.letGo(logs.keys()));
  }

  /** Waits for appends under way, and leaves everything in order. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const log of await Promise.allSettled(this.#logs.values())) {
      if (log.status === 'fulfilled') await log.value.close();
    }
    await this.staging.close().catch((error: unknown) => {
      this.#context.logger.warn(messageOf(error));
    });
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
    await this.staging.opened(name, log);
    return log;
  }
}

const folderOf = (topic: string, partition: number): string => `${encodeURIComponent(topic)}-${partition}`;

/** Whether a journal has events of a topic. The journal need not be open, nor be there. */
export async function journalHolds(
  directory: string,
  topic: string,
  files: FileSystem = systemFiles,
): Promise<boolean> {
  try {
    for (const name of await files.readdir(directory)) {
      if (partitionOf(name)?.topic !== topic) continue;
      if ((await files.readdir(join(directory, name))).some((file) => file.endsWith('.log'))) return true;
    }
    return false;
  } catch (error) {
    if (isMissing(error)) return false;
    throw diskTrouble(`read the directory ${directory}`, error);
  }
}

/**
 * The id of a journal, which need not be open; `undefined` when none is there yet.
 * @throws TRQ_JOURNAL_FORMAT when the directory is that of something else; TRQ_JOURNAL_FAILED
 */
export async function journalId(directory: string, files: FileSystem = systemFiles): Promise<string | undefined> {
  const id = await readFormat(files, directory);
  if (id === undefined) await requireEmpty(files, directory);
  return id;
}

/**
 * The process that has a journal open; `undefined` when nobody has.
 * @throws TRQ_JOURNAL_FAILED
 */
export async function journalWriter(directory: string, files: FileSystem = systemFiles): Promise<string | undefined> {
  return (await journalId(directory, files)) === undefined ? undefined : WriterLock.holder(files, directory);
}

/** The partition of a folder; `undefined` when it is not ours. */
export function partitionOf(folder: string): { topic: string; partition: number } | undefined {
  const [, name, digits] = /^(.+)-(\d+)$/.exec(folder) ?? [];
  if (name === undefined) return undefined;
  try {
    const [topic, partition] = [decodeURIComponent(name), Number(digits)];
    return folderOf(topic, partition) === folder ? { topic, partition } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that the directory is a journal that this version reads, or makes an empty one into such.
 * @returns its id.
 */
async function requireFormat(files: FileSystem, directory: string): Promise<string> {
  return (await readFormat(files, directory)) ?? (await begin(files, directory));
}

/** @returns the journal's id; `undefined` when the directory is not a journal so far. */
async function readFormat(files: FileSystem, directory: string): Promise<string | undefined> {
  const path = join(directory, formatFile);
  let found: string;
  try {
    found = await files.readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw diskTrouble(`read ${path}`, error);
  }
  if (!found.startsWith(format)) {
    const [want, have] = [format.trim(), (found.split('\n')[0] ?? '').slice(0, 80)];
    throw badFormat(
      `${path} says ${JSON.stringify(have)}, and this version reads ${JSON.stringify(want)}. Use the version that wrote it, or another directory.`,
    );
  }
  return found.slice(format.length).trim();
}

async function requireEmpty(files: FileSystem, directory: string): Promise<void> {
  const names = await files.readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw diskTrouble(`read the directory ${directory}`, error);
  });
  const ours: readonly string[] = [formatFile + unfinished, ...Object.values(within)];
  const other = names.find((name) => !WriterLock.owns(name) && !ours.includes(name));
  if (other !== undefined) {
    throw badFormat(
      `${directory} is no journal, and not empty: it has ${other}. Choose an empty directory, or one that is not there yet.`,
    );
  }
}

async function begin(files: FileSystem, directory: string): Promise<string> {
  await requireEmpty(files, directory);
  const path = join(directory, formatFile);
  const id = randomUUID();
  try {
    await writeWhole(files, path, Buffer.from(`${format}${id}\n`));
    await syncDirectory(files, directory);
    return id;
  } catch (error) {
    throw diskTrouble(`write ${path}`, error);
  }
}
