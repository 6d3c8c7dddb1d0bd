/** What is asked for of one partition. */
interface AskedPartition {
  readonly index: number;
  /** The offset of a Fetch, or the time of a ListOffsets. */
  readonly at: number;
  /** Of a Fetch. Default 1 MiB. */
  readonly maxBytes?: number;
}

/** Partitions by topic. */
export type Asked = Readonly<Record<string, readonly AskedPartition[]>>;

/** How long and for how much a Fetch waits. */
export interface FetchLimits {
  readonly maxWait?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly session?: number;
}

const clientId = 'reader';
const flexibleFrom: Readonly<Record<number, number>> = { 1: 12, 2: 6, 3: 9, 18: 3, 36: 2 };

/** Writes requests of the Kafka protocol as its clients do, whole frames; written anew, so that the endpoint is not measured by itself. */
export const requests = {
  apiVersions: (version: number): Buffer => {
    const flexible = version >= 3;
    return frame(18, version, flexible ? [text('client', true), text('1', true), tags] : []);
  },
  metadata: (version: number, topics: readonly string[] | null): Buffer => {
    const flexible = version >= 9;
    const end = flexible ? [tags] : [];
    return frame(3, version, [
      list(topics, flexible, (topic) => [text(topic, flexible), ...end]),
      ...(version >= 4 ? [int8(0)] : []),
      ...(version >= 8 ? [int8(0), int8(0)] : []),
      ...end,
    ]);
  },
  listOffsets: (version: number, asked: Asked): Buffer => {
    const flexible = version >= 6;
    const end = flexible ? [tags] : [];
    return frame(2, version, [
      int32(-1),
      ...(version >= 2 ? [int8(1)] : []),
      list(Object.entries(asked), flexible, ([topic, partitions]) => [
        text(topic, flexible),
        list(partitions, flexible, ({ index, at }) => [
          int32(index),
          ...(version >= 4 ? [int32(-1)] : []),
          int64(at),
          ...end,
        ]),
        ...end,
      ]),
      ...end,
    ]);
  },
  fetch: (version: number, asked: Asked, limits: FetchLimits = {}): Buffer => {
    const { maxWait = 0, minBytes = 1, maxBytes = 50 * 1024 * 1024, session = 0 } = limits;
    const flexible = version >= 12;
    const end = flexible ? [tags] : [];
    return frame(1, version, [
      ...[int32(-1), int32(maxWait), int32(minBytes), int32(maxBytes), int8(1)],
      ...(version >= 7 ? [int32(session), int32(-1)] : []),
      list(Object.entries(asked), flexible, ([topic, partitions]) => [
        text(topic, flexible),
        list(partitions, flexible, ({ index, at, maxBytes: most = 1024 * 1024 }) => [
          int32(index),
          ...(version >= 9 ? [int32(-1)] : []),
          int64(at),
          ...(version >= 12 ? [int32(-1)] : []),
          ...(version >= 5 ? [int64(-1)] : []),
          int32(most),
          ...end,
        ]),
        ...end,
      ]),
      ...(version >= 7 ? [list([], flexible, () => [])] : []),
      ...(version >= 11 ? [text('', flexible)] : []),
      ...end,
    ]);
  },
  saslHandshake: (mechanism: string): Buffer => frame(17, 1, [text(mechanism, false)]),
  saslAuthenticate: (version: number, message: Buffer): Buffer => {
    const flexible = version >= 2;
    const length = flexible ? unsignedVarint(message.length + 1) : int32(message.length);
    return frame(36, version, [length, message, ...(flexible ? [tags] : [])]);
  },
};

const tags = Buffer.from([0]);

function frame(key: number, version: number, body: readonly Buffer[]): Buffer {
  const correlationId = 7;
  const flexible = version >= (flexibleFrom[key] ?? Infinity);
  const parts = [
    int16(key),
    int16(version),
    int32(correlationId),
    text(clientId, false),
    ...(flexible ? [tags] : []),
    ...body,
  ];
  const all = Buffer.concat(parts);
  return Buffer.concat([int32(all.length), all]);
}

const int8 = (value: number): Buffer => Buffer.from([value]);

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

function text(value: string, flexible: boolean): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([flexible ? unsignedVarint(bytes.length + 1) : int16(bytes.length), bytes]);
}

function list<T>(values: readonly T[] | null, flexible: boolean, write: (value: T) => readonly Buffer[]): Buffer {
  const count = values === null ? -1 : values.length;
  const head = flexible ? unsignedVarint(count + 1) : int32(count);
  return Buffer.concat([head, ...(values ?? []).flatMap(write)]);
}
