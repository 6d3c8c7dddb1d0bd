import { Problem } from './problem.js';

/** What a chunk counts at least: many small ones take far more room than their bytes. */
const leastRoom = 512;

/** Bounds the room of bodies that all requests hold at a time. */
export class HeldBytes {
  readonly #most: number;
  #held = 0;

  /** @param most in bytes; a chunk of less than 512 counts as so many. */
  constructor(most: number) {
    this.#most = most;
  }

  /** @throws Problem 503 when there would be too many; then this one is not held. */
  hold(chunk: Buffer): void {
    const room = roomOf(chunk);
    if (this.#held + room > this.#most) {
      throw new Problem(503, 'Too many bodies with strict=true at a time', {
        more: [
          `They are held as a whole; ${this.#most} bytes of all of them are allowed, 16 times http.maxStrictBytes.`,
        ],
      });
    }
    this.#held += room;
  }

  /** Gives back the room of chunks that are held. */
  release(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#held -= roomOf(chunk);
  }
}

const roomOf = ({ length }: Buffer): number => Math.max(length, leastRoom);
