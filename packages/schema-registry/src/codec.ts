import type { Buffer } from 'node:buffer';

/** Reads messages of one schema. */
export interface Codec {
  /**
   * @returns a plain object, or the bytes of one as JSON.
   * @throws Error that says why the message cannot be read.
   */
  read(body: Buffer): Record<string, unknown> | Buffer;
}
