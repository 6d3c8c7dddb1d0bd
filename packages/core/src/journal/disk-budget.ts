import type { TranquilityError } from '../errors/tranquility-error.js';
import { diskTrouble, journalFull } from './journal-error.js';
import type { FileSystem } from './file-system.js';

export interface DiskLimits {
  /** The most bytes that all logs may take together. */
  readonly maxBytes: number;
  /** What is to be left free on the disk, in bytes. */
  readonly minFreeBytes: number;
}

/** From this part of `maxBytes` on, room is short. */
const tight = 0.5;

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_000_000)} MB`;

/** Keeps the logs of a journal within their limits, so that appends are refused before the disk refuses them. */
export class DiskBudget {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #limits: DiskLimits;
  #used = 0;
  /** What may be written before the disk is asked again. */
  #credit = 0;
  #hasRefused = false;

  constructor(files: FileSystem, directory: string, limits: DiskLimits) {
    this.#files = files;
    this.#directory = directory;
    this.#limits = limits;
  }

  /** The bytes that all logs have. */
  get used(): number {
    return this.#used;
  }

  /** How much of `maxBytes` is taken, from 0 to 1: slow down before it is 1. */
  get pressure(): number {
    return Math.min(1, this.#used / this.#limits.maxBytes);
  }

  /** Whether room is short, or was not there when it was asked for last. */
  get isTight(): boolean {
    return this.#hasRefused || this.pressure >= tight;
  }

  /**
   * Takes room for bytes that are going to be written.
   * @throws TRQ_JOURNAL_FULL when there is none; then nothing is taken.
   */
  async take(bytes: number): Promise<void> {
    const { maxBytes, minFreeBytes } = this.#limits;
    if (this.#used + bytes > maxBytes) {
      const why = `it has ${megabytes(this.#used)} of the ${megabytes(maxBytes)} that it may have in ${this.#directory}`;
      throw this.#refusal(why, { used: this.#used, maxBytes });
    }
    if (bytes > this.#credit) {
      const free = await this.#free();
      if (free - bytes < minFreeBytes) {
        const why = `the disk of ${this.#directory} has ${megabytes(free)} free, and ${megabytes(minFreeBytes)} are to be left`;
        throw this.#refusal(why, { free, minFreeBytes });
      }
      // Others write to the disk too, so only a part of what is free is taken as given.
      this.#credit = bytes + Math.floor((free - minFreeBytes - bytes) / 16);
    }
    this.#hasRefused = false;
    this.#credit -= bytes;
    this.#used += bytes;
  }

  /** Says that bytes are there already. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  /** Says that bytes are gone, or were not written. */
  give(bytes: number): void {
    this.#used -= bytes;
  }

  #refusal(why: string, details: Readonly<Record<string, number>>): TranquilityError {
    this.#hasRefused = true;
    return journalFull(why, { details });
  }

  async #free(): Promise<number> {
    try {
      const { bavail, bsize } = await this.#files.statfs(this.#directory);
      return bavail * bsize;
    } catch (error) {
      throw diskTrouble(`ask how much of the disk of ${this.#directory} is free`, error);
    }
  }
}
