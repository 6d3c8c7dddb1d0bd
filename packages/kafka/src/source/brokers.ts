import { messageOf, TranquilityError } from '@tranquility-js/core';
import type { ClientValues } from '../config/read-plan.js';

/** Topics that Kafka keeps for itself. */
export const internalTopics: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
]);

/** What kafkajs says, as an error of ours. */
export function kafkaError(error: unknown, client: ClientValues): TranquilityError {
  if (error instanceof TranquilityError) return error;
  const brokers = client['kafka.bootstrap.servers'].join(',');
  const message = messageOf(error);
  const isRefused = /SASL|authoriz|authentic|\bACL\b/i.test(`${error instanceof Error ? error.name : ''} ${message}`);
  return isRefused
    ? new TranquilityError('TRQ_KAFKA_REFUSED', `Kafka at ${brokers} refused us: ${message}`, { cause: error })
    : new TranquilityError('TRQ_KAFKA_UNREACHABLE', `Kafka at ${brokers}: ${message}`, { cause: error });
}
