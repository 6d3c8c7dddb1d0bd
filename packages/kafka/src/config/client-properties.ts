import {
  file,
  oneOf,
  property,
  secret,
  text,
  truth,
  wholeNumber,
  type PropertyKind,
} from '@tranquility-js/core/internal';

/** Where brokers are. */
const brokers: PropertyKind<readonly string[]> = {
  expected: 'host:port, several separated by commas, such as kafka1:9092,kafka2:9092',
  read: (value) => {
    const parts = value.split(',').map((part) => part.trim().replace(/^[A-Z_]+:\/\//, ''));
    return parts.every((part) => /^(\[[\da-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/.test(part)) ? parts : undefined;
  },
};

/** The protocols in which brokers may be spoken to. */
const protocols = oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL');
const protocol: PropertyKind<'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'> = {
  expected: protocols.expected,
  read: (value) => protocols.read(value.toUpperCase()),
};

/** The most that Kafka itself takes, and a timer. */
const mostMillis = 2_147_483_647;
const millis = wholeNumber(1, mostMillis);

/**
 * What of Kafka's own consumer properties has an equivalent, by the names of the Java client and of librdkafka. Names and meanings are
 * Kafka's; where a default is not, its description says so.
 */
export const clientProperties = {
  'kafka.bootstrap.servers': property(brokers, { description: 'The brokers to begin with. Required.' }),
  'kafka.client.id': property(text, {
    default: 'tranquility',
    description: 'What brokers call us in their logs and quotas.',
  }),
  'kafka.client.rack': property(text, { description: 'The rack we are in, to read from a replica near by.' }),
  'kafka.group.id': property(text, {
    default: 'tranquility-kafka',
    description: 'The consumer group. Processes with the same one share the partitions.',
  }),
  'kafka.auto.offset.reset': property(oneOf('latest', 'earliest', 'largest', 'smallest', 'none'), {
    default: 'latest',
    description:
      'Where the group begins in a partition in which it has no place yet. What is created while the connector runs is read from its beginning in any case.',
  }),
  'kafka.session.timeout.ms': property(wholeNumber(1000, mostMillis), {
    default: '30000',
    description: 'After so long without a sign of life, others take over.',
  }),
  'kafka.heartbeat.interval.ms': property(millis, {
    default: '1000',
    description: 'How often a sign of life is given.',
  }),
  'kafka.max.poll.interval.ms': property(millis, {
    default: '60000',
    description: 'How long the group waits for its members when partitions are shared out anew.',
  }),
  'kafka.fetch.min.bytes': property(wholeNumber(1), {
    default: '1',
    description: 'How much a broker gathers before it answers.',
  }),
  'kafka.fetch.max.bytes': property(wholeNumber(1), {
    default: '10485760',
    description: 'The most that one answer brings, as it is compressed.',
  }),
  'kafka.fetch.max.wait.ms': property(wholeNumber(1), {
    default: '250',
    description:
      'How long a broker waits for new records. Signs of life are given between answers, so it is at most 500.',
  }),
  'kafka.max.partition.fetch.bytes': property(wholeNumber(1), {
    default: '524288',
    description: 'The most that one answer brings of a partition, as it is compressed; a larger record comes alone.',
  }),
  'kafka.metadata.max.age.ms': property(wholeNumber(100), {
    default: '10000',
    description: 'How often we look for new topics and partitions.',
  }),
  'kafka.request.timeout.ms': property(millis, {
    default: '30000',
    description: 'How long a broker may take to answer.',
  }),
  'kafka.socket.connection.setup.timeout.ms': property(millis, {
    default: '10000',
    description: 'How long a connection may take to open.',
  }),
  'kafka.retry.backoff.ms': property(millis, {
    default: '300',
    description: 'The first pause before a request is tried again; each further one is longer.',
  }),
  'kafka.isolation.level': property(oneOf('read_committed', 'read_uncommitted'), {
    default: 'read_committed',
    description: 'Whether records of transactions that were given up are left out, as librdkafka does by default.',
  }),
  'kafka.security.protocol': property(protocol, {
    default: 'PLAINTEXT',
    description: 'Whether brokers are spoken to over TLS, and whether we log in.',
  }),
  'kafka.sasl.mechanism': property(oneOf('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'), {
    description: 'How we log in.',
  }),
  'kafka.sasl.username': property(text, { description: 'The user for PLAIN and SCRAM.' }),
  'kafka.sasl.password': property(secret, { description: 'The password for PLAIN and SCRAM.', secret: true }),
  'kafka.sasl.jaas.config': property(secret, {
    description:
      'User and password as Java has them: a PlainLoginModule or ScramLoginModule with username and password.',
    secret: true,
  }),
  'kafka.sasl.oauthbearer.token.endpoint.url': property(text, {
    description: 'Where a token for OAUTHBEARER is had, with the grant client_credentials.',
  }),
  'kafka.sasl.oauthbearer.client.id': property(text, { description: 'Who we are there.' }),
  'kafka.sasl.oauthbearer.client.secret': property(secret, { description: 'Our secret there.', secret: true }),
  'kafka.sasl.oauthbearer.scope': property(text, { description: 'The scope to ask for.' }),
  'kafka.ssl.ca.location': property(file, {
    description:
      'A file of certificates in PEM: the authorities that vouch for the brokers. When unset: those that Node trusts.',
  }),
  'kafka.ssl.certificate.location': property(file, { description: 'A file with our certificate in PEM.' }),
  'kafka.ssl.key.location': property(file, { description: 'A file with its private key in PEM.' }),
  'kafka.ssl.key.password': property(secret, { description: 'The password of that key.', secret: true }),
  'kafka.ssl.keystore.location': property(file, { description: 'A PKCS12 key store with both instead.' }),
  'kafka.ssl.keystore.password': property(secret, { description: 'The password of the key store.', secret: true }),
  'kafka.ssl.truststore.location': property(file, {
    description: 'A file of certificates as Java has it. Only of the type PEM.',
  }),
  'kafka.ssl.truststore.type': property(oneOf('PEM'), { description: 'The type of the trust store.' }),
  'kafka.ssl.endpoint.identification.algorithm': property(oneOf('https', 'none', ''), {
    default: 'https',
    description: 'Whether a broker’s certificate must bear its name; none does not check it.',
  }),
  'consumer.numThreads': property(wholeNumber(-2147483648), {
    default: '-1',
    description: 'Threads of the JVM Tranquility. Of no effect here: partitions go on side by side without any.',
  }),
  'commit.periodMillis': property(wholeNumber(1), {
    default: '15000',
    description: 'How often the places in the partitions are committed, in milliseconds.',
  }),
  'kafka.max.decompressed.bytes': property(wholeNumber(1), {
    default: '67108864',
    description:
      'The most that a compressed batch of records may hold; a larger one is refused as unparseable. Not one of Kafka’s.',
  }),
  'kafka.max.waiting.bytes': property(wholeNumber(1), {
    default: '4194304',
    description:
      'How much of a partition waits in memory until Druid takes it; then its fetching pauses. Not one of Kafka’s.',
  }),
  'kafka.enable.auto.commit': property(truth, {
    default: 'false',
    description: 'Whether the client commits by itself.',
    only: { value: false, reason: 'Only what Druid has acknowledged is committed. Remove it.' },
  }),
} as const;

/** Other names of the same properties: librdkafka's, and those of Kafka's first consumer. */
export const aliases: Readonly<Record<string, keyof typeof clientProperties>> = {
  'kafka.metadata.broker.list': 'kafka.bootstrap.servers',
  'kafka.auto.commit.enable': 'kafka.enable.auto.commit',
  'kafka.fetch.message.max.bytes': 'kafka.max.partition.fetch.bytes',
  'kafka.fetch.wait.max.ms': 'kafka.fetch.max.wait.ms',
  'kafka.socket.timeout.ms': 'kafka.request.timeout.ms',
  'kafka.topic.metadata.refresh.interval.ms': 'kafka.metadata.max.age.ms',
  'kafka.sasl.mechanisms': 'kafka.sasl.mechanism',
};

const ofZooKeeper = 'belongs to Kafka’s consumer of the time of ZooKeeper. It has no effect.';

/** What a config of Tranquility's may have that has no meaning any more, and why. */
export const withoutEffect: Readonly<Record<string, string>> = {
  'kafka.zookeeper.connect': 'is not read: the group’s places are in Kafka itself.',
  'kafka.zookeeper.connection.timeout.ms': ofZooKeeper,
  'kafka.zookeeper.sync.time.ms': ofZooKeeper,
  'kafka.offsets.storage': ofZooKeeper,
  'kafka.dual.commit.enabled': ofZooKeeper,
  'kafka.offsets.channel.backoff.ms': ofZooKeeper,
  'kafka.offsets.channel.socket.timeout.ms': ofZooKeeper,
  'kafka.offsets.commit.max.retries': ofZooKeeper,
  'kafka.rebalance.max.retries': ofZooKeeper,
  'kafka.rebalance.backoff.ms': ofZooKeeper,
  'kafka.num.consumer.fetchers': ofZooKeeper,
  'kafka.queued.max.message.chunks': ofZooKeeper,
  'kafka.consumer.timeout.ms': ofZooKeeper,
  'kafka.auto.commit.interval.ms': 'has no effect: commit.periodMillis says how often places are committed.',
};
