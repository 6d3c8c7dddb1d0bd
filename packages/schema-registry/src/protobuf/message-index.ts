import type { Buffer } from 'node:buffer';

/** Which message of a file it is: a path of positions, outer messages first; and where the message begins. */
export interface MessageIndex {
  readonly path: readonly number[];
  readonly end: number;
}

const longestPath = 100;

/**
 * Reads the path that stands before a Protobuf message: its length and its parts as zigzag varints; a single zero is the first message.
 * @throws Error when it is none.
 */
export function readMessageIndex(bytes: Buffer): MessageIndex {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 35; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new Error('It does not say which message of its schema it is.');
  };
  const length = next();
  if (length === 0) return { path: [0], end: at };
  if (length < 0 || length > longestPath) throw new Error('It does not say which message of its schema it is.');
  const path = Array.from({ length }, next);
  return { path, end: at };
}
