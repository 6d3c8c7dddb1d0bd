import type { Buffer } from 'node:buffer';

/** A message as serializers with a schema registry write it: a zero, the id of the schema in four bytes, the rest. */
export interface Framed {
  readonly id: number;
  readonly body: Buffer;
}

const headerBytes = 5;
/** Ids are positive integers of 32 bits with a sign. Registries answer to any other as to an unknown path. */
const greatestId = 0x7fffffff;

/** @returns why these bytes are no such message, or its parts. */
export function unframe(bytes: Buffer): Framed | string {
  if (bytes.length < headerBytes)
    return `The message has ${bytes.length} bytes, fewer than the ${headerBytes} of the header.`;
  if (bytes[0] !== 0) {
    return `The message begins with the byte ${bytes[0] ?? 0}, not with 0: it was not written with a schema registry.`;
  }
  const id = bytes.readUInt32BE(1);
  if (id > greatestId) {
    return `The message names the schema ${id}, and no id is greater than ${greatestId}: it was not written with a schema registry.`;
  }
  return { id, body: bytes.subarray(headerBytes) };
}
