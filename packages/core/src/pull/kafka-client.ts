import { createRequire } from 'node:module';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type * as KafkaJs from 'kafkajs';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { TlsClient } from '../transport/tls-client.js';

/**
 * A client of a Kafka. Loads kafkajs, which those who have no Kafka need not have.
 * @throws TRQ_KAFKA_MISSING
 */
export function kafkaClient(options: KafkaJs.KafkaConfig, tls: TlsClient | undefined): KafkaJs.Kafka {
  let module: typeof KafkaJs;
  try {
    // It is CommonJS, and Node does not see the names that it exports.
    module = createRequire(import.meta.url)('kafkajs') as typeof KafkaJs;
  } catch (error) {
    throw new TranquilityError(
      'TRQ_KAFKA_MISSING',
      `pull.source is "kafka", and the package kafkajs is not there. Install it beside this one: npm install kafkajs@2. (${messageOf(error)})`,
      { cause: error },
    );
  }
  const { Kafka, logLevel } = module;
  return new Kafka({
    logLevel: logLevel.NOTHING,
    ...options,
    ...(tls === undefined ? {} : { ssl: true, socketFactory: secureSockets(tls) }),
  });
}

const secureSockets =
  (tls: TlsClient): KafkaJs.ISocketFactory =>
  ({ host, port, ssl, onConnect }) => {
    const isTls = Boolean(ssl);
    const socket = isTls
      ? connectTls({ host, port, ...tls.optionsFor(host) }, onConnect)
      : connectTcp({ host, port }, onConnect);
    return socket.setKeepAlive(true, 60_000);
  };

/** The number of partitions of a topic, which is created if it is not there. */
export async function partitionsOfTopic(kafka: KafkaJs.Kafka, topic: string, wanted: number): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = await admin.listTopics();
    if (!topics.includes(topic)) {
      await admin.createTopics({ topics: [{ topic, numPartitions: wanted }], waitForLeaders: true });
    }
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] });
    return Math.max(1, found[0]?.partitions.length ?? 0);
  } finally {
    await admin.disconnect();
  }
}
