import { gunzipSync } from 'node:zlib';

/** A record's data as it was before gzip. */
export interface Inflated {
  readonly data: Uint8Array;
  /** Why it could not be inflated, if so; the data is then as it came. */
  readonly refused?: string;
}

/**
 * Undoes gzip, where the data begins as gzip does.
 * @param maxBytes the most that it may hold.
 */
export function inflated(data: Uint8Array, maxBytes: number): Inflated {
  if (data[0] !== 0x1f || data[1] !== 0x8b || data[2] !== 8) return { data };
  try {
    return { data: gunzipSync(data, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const reason = isTooLarge ? `It holds more than ${maxBytes} bytes.` : (error as Error).message;
    return { data, refused: `The record is gzip, and cannot be inflated: ${reason}` };
  }
}
