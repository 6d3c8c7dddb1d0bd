import type { Buffer } from 'node:buffer';

/** A message as serializers with a schema registry write it: a zero, the id of the schema in four bytes, the rest. */
export interface Framed {
  readonly id: number;
  readonly body: Buffer;
}

const headerBytes = 5;

/** @returns why these bytes are no such message, or its parts. */
export function unframe(bytes: Buffer): Framed | string {
  if (bytes.length < headerBytes)
    return `The message has ${bytes.length} bytes, fewer than the ${headerBytes} of the header.`;
  if (bytes[0] !== 0) {
    return `The message begins with the byte ${bytes[0] ?? 0}, not with 0: it was not written with a schema registry.`;
  }
  return { id: bytes.readUInt32BE(1), body: bytes.subarray(headerBytes) };
}
