import { sizeOf, type StreamRecord } from '@tranquility-js/connect';
import { Position } from '../position.js';
import { deaggregate } from './deaggregate.js';
import type { HashRange } from './hash-range.js';
import { inflated } from './inflate.js';
import type { KinesisRecord } from './kinesis-record.js';

export interface Unpacking {
  /** The keys of the shard. */
  readonly range: HashRange | undefined;
  /** Up to where all is settled already. */
  readonly settled: Position | undefined;
  /** The most that a compressed record may hold. */
  readonly maxInflatedBytes: number;
}

/** The reason for which user records are left out whose keys belong to another shard, as in the consumer library of Java. */
const outsideShard = 'outside-shard';

/**
 * What records of Kinesis hold for a dataSource, in its order and in pieces. Each piece is unpacked when it is asked for: an answer of
 * Kinesis's may hold a thousand times its size.
 * @param pieceBytes about how much a piece holds: one record more than fits, at most.
 */
export function* unpackedPieces(
  records: readonly KinesisRecord[],
  unpacking: Unpacking,
  pieceBytes: number,
): Generator<StreamRecord<Position>[]> {
  let piece: StreamRecord<Position>[] = [];
  let bytes = 0;
  for (const record of records) {
    for (const found of unpacked(record, unpacking)) {
      piece.push(found);
      bytes += sizeOf(found);
      if (bytes < pieceBytes) continue;
      yield piece;
      piece = [];
      bytes = 0;
    }
  }
  if (piece.length > 0) yield piece;
}

function* unpacked(
  record: KinesisRecord,
  { range, settled, maxInflatedBytes }: Unpacking,
): Generator<StreamRecord<Position>> {
  const { records, corrupt } = deaggregate(record, range);
  for (const { sequenceNumber, subSequenceNumber, partitionKey, data, arrival, isForeign } of records) {
    const position = new Position(sequenceNumber, subSequenceNumber);
    if (settled !== undefined && !position.isAfter(settled)) continue;
    const place = { position, next: position, headers: {}, timestamp: arrival };
    if (isForeign) {
      yield { ...place, key: null, value: null, leftOut: outsideShard };
      continue;
    }
    const { data: value, refused = corrupt } = inflated(data, maxInflatedBytes);
    yield { ...place, key: Buffer.from(partitionKey), value, refused };
  }
}
