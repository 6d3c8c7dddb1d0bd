import type { Buffer } from 'node:buffer';
import type { Decoded } from '@tranquility-js/core';

/** A payload that is one event. */
export function decodedOne(event: Record<string, unknown> | Uint8Array): Decoded {
  return { events: [event], lines: [1], refused: [] };
}

/** The most of a binary message that a refusal shows. */
const mostShown = 4096;

/** A payload that cannot be read. It is shown as base64, as its bytes are no text. */
export function refusedWhole(reason: string, bytes: Buffer): Decoded {
  return { events: [], lines: [], refused: [{ reason, line: 1, input: bytes.toString('base64', 0, mostShown) }] };
}
