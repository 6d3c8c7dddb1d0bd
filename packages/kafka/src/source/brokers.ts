import { messageOf, TranquilityError } from '@tranquility-js/core';
import kafkajs from 'kafkajs';
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
  return isRefusal(error)
    ? new TranquilityError('TRQ_KAFKA_REFUSED', `Kafka at ${brokers} refused us: ${message}`, { cause: error })
    : new TranquilityError('TRQ_KAFKA_UNREACHABLE', `Kafka at ${brokers}: ${message}`, { cause: error });
}

/** Whether brokers have not let us in: by what kind of error it is, as its words may name a host that is called so. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const type = error instanceof kafkajs.KafkaJSProtocolError ? error.type : '';
  return /SASL|AUTHORIZATION|AUTHENTICATION/i.test(`${error.name} ${type}`) || isRefusal(error.cause);
}
