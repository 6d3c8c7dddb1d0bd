import type { SASLOptions } from 'kafkajs';
import type { DataSourceConfig } from '../config/config.js';
import { serverText } from '../config/connect-string.js';
import type { PropertyValues } from '../config/properties.js';
import type { Counters } from '../observe/counters.js';
import type { TlsClient } from '../transport/tls-client.js';
import { kafkaClient, partitionsOfTopic } from './kafka-client.js';
import { KafkaDestination, kafkaFailed } from './kafka-destination.js';
import { KafkaProducer } from './kafka-producer.js';
import type { PullSource, Ready } from './pull-source.js';
import { consumerProperties, type ReaderAccess } from './reader-access.js';

export interface KafkaSourceOptions {
  readonly config: DataSourceConfig;
  readonly counters: Counters;
  /** `undefined` where Kafka is spoken to without. */
  readonly tls: TlsClient | undefined;
  readonly ready: Ready;
}

/** How long one attempt may take, in milliseconds, and how often the client makes it again by itself. */
const [requestTimeout, retries] = [30_000, 8];

/**
 * Sends events to a topic of a Kafka, each once (an idempotent producer), for Druid to read from there. Needs kafkajs.
 * @throws TRQ_KAFKA_MISSING when kafkajs is not installed; TRQ_KAFKA_FAILED when the topic can neither be found nor created.
 */
export async function openKafkaSource({ config, counters, tls, ready }: KafkaSourceOptions): Promise<PullSource> {
  const { dataSource, properties } = config;
  const servers = properties['pull.kafka.bootstrap.servers'] ?? [];
  const topic = properties['pull.kafka.topic'] ?? dataSource;
  const brokers = servers.map(serverText);
  const sasl = saslOf(properties);
  const login = sasl && {
    mechanism: sasl.mechanism.toLowerCase(),
    username: sasl.user,
    password: sasl.password.reveal(),
  };
  const kafka = kafkaClient(
    {
      ...{ clientId: 'tranquility', brokers, requestTimeout, retry: { retries } },
      ...(login === undefined ? {} : { sasl: login as SASLOptions }),
    },
    tls,
  );
  const count = await partitionsOfTopic(kafka, topic, properties['task.partitions']).catch((error: unknown) => {
    throw kafkaFailed(`find or create the topic ${topic} at ${brokers.join(', ')}`, error);
  });
  const producer = new KafkaProducer(kafka, topic);
  const others = properties['pull.consumerProperties']?.reveal();
  return {
    destinations: Array.from({ length: count }, (_, partition) => {
      const name = `${topic}, partition ${partition} in Kafka`;
      return new KafkaDestination(name, partition, { producer, counters, ready });
    }),
    plan: {
      topic,
      address: brokers.join(','),
      consumerProperties: consumerProperties({
        nodes: servers.map((server, id) => ({ id, ...server })),
        tls: tls !== undefined,
        ...(sasl === undefined ? {} : { sasl }),
        ...(others === undefined ? {} : { properties: others }),
      }),
    },
    served: { endpoint: { nodes: [], reading: () => undefined }, logs: new Map() },
    // What else the topic holds is not ours to judge: Druid is asked to read it when the first event comes.
    isEmpty: true,
    unread: 0,
    hasServed: false,
    isAlone: false,
    isBehind: () => Promise.resolve(false),
    close: () => producer.close(),
  };
}

function saslOf(properties: PropertyValues): ReaderAccess['sasl'] {
  const user = properties['pull.kafka.sasl.user'];
  const password = properties['pull.kafka.sasl.password'];
  if (user === undefined || password === undefined) return undefined;
  return { mechanism: properties['pull.kafka.sasl.mechanism'], user, password };
}
