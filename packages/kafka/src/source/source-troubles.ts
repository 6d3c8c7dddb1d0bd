import { MissingCodec } from '../codecs/codecs.js';
import type { SourceTrouble } from './source.js';

/** How often a batch that cannot be read is tried again, in milliseconds. */
export const brokenPause = 30_000;

export function lostRecords(topic: string, partition: number, count: number): SourceTrouble {
  return {
    kind: 'lost-records',
    message: `${topic}, partition ${partition}: ${count} offsets were deleted before they were read. Let Kafka keep records for longer (retention.ms, retention.bytes).`,
    ...{ topic, partition, count },
  };
}

/** @param end of the log: before the group's place, unless it has grown past it since. */
export function anotherLog(topic: string, partition: number, place: number | undefined, end: number): SourceTrouble {
  const found =
    place === undefined || end < place
      ? `the log ends at ${end}, before the group’s place ${place ?? 'in it'}`
      : `the log had ended before the group’s place ${place}, and has grown to ${end} since`;
  return {
    kind: 'another-log',
    message: `${topic}, partition ${partition}: ${found}. It was made anew, or brokers lost its end; it is read from its beginning.`,
    ...{ topic, partition },
  };
}

/** @param offset from which on nothing can be read. */
export function brokenBatch(topic: string, partition: number, offset: number, reason: Error): SourceTrouble {
  const remedy =
    reason instanceof MissingCodec
      ? ''
      : ' Have the broker’s log checked (kafka-dump-log), or end the connector and move the group’s place behind the batch (kafka-consumer-groups --reset-offsets).';
  return {
    kind: 'broken-batch',
    message: `${topic}, partition ${partition}: the batch of records at offset ${offset} cannot be read: ${reason.message.replace(/\.$/u, '')}. The partition waits, and is tried again every ${brokenPause / 1000} s.${remedy}`,
    ...{ topic, partition, offset },
  };
}
