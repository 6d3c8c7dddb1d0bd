import {
  addresses,
  connectString,
  file,
  headers,
  hostPort,
  hostPorts,
  oneOf,
  passedOn,
  period,
  periodFrom,
  secret,
  text,
  truth,
  urls,
  wholeNumber,
  word,
  znodePath,
  type PropertyKind,
} from './property-kinds.js';

/** One property of a Tranquility config file. */
export interface Property<T> {
  readonly kind: PropertyKind<T>;
  /** The text that counts when none is given; without one the property is unset. */
  readonly default?: string;
  readonly description: string;
  /** Never shown in an error. */
  readonly secret?: true;
  /** The only value that this release takes, and why: anything else is refused with this sentence. */
  readonly only?: { readonly value: T; readonly reason: string };
}

/** A property that always has a value. */
export interface WithDefault {
  readonly default: string;
}

type Options<T> = Omit<Property<T>, 'kind' | 'default'>;

/** A row of a table of properties. */
export function property<T>(kind: PropertyKind<T>, options: Options<T> & WithDefault): Property<T> & WithDefault;
export function property<T>(kind: PropertyKind<T>, options: Options<T>): Property<T>;
export function property<T>(kind: PropertyKind<T>, options: Options<T>): Property<T> {
  return { kind, ...options };
}

type Prefixed<P extends string, T> = { [K in keyof T & string as `${P}.${K}`]: T[K] };

/** Rows whose names all begin alike. */
export function prefixed<const P extends string, T extends object>(prefix: P, rows: T): Prefixed<P, T> {
  const entries = Object.entries(rows as Readonly<Record<string, unknown>>).map(([name, row]) => [
    `${prefix}.${name}`,
    row,
  ]);
  return Object.fromEntries(entries) as Prefixed<P, T>;
}

/** What TLS needs is the same whomever we speak to. */
export const tls = <const P extends string>(prefix: P, peer: string) =>
  prefixed(prefix, {
    ...tlsFiles(prefix, peer, 'those that Node trusts'),
    serverName: property(text, {
      description: `The name that certificates of ${peer} must bear where the address is an IP. When unset: that IP.`,
    }),
  });

/** @param otherwise who is trusted when nothing says it. */
const tlsFiles = (prefix: string, peer: string, otherwise: string) => ({
  caPath: property(file, {
    description: `A file of certificates in PEM: the authorities that vouch for ${peer}. When neither this nor a trust store is given: ${otherwise}.`,
  }),
  certPath: property(file, {
    description: `A file with the certificate, in PEM, that shows ${peer} who we are, and perhaps those of its authorities behind it.`,
  }),
  keyPath: property(file, { description: `A file with the private key of ${prefix}.certPath, in PEM.` }),
  keyPassword: property(secret, { description: `The password of ${prefix}.keyPath, if it has one.`, secret: true }),
  keyStorePath: property(file, {
    description: `A PKCS12 key store with our certificate and its key, in place of ${prefix}.certPath and ${prefix}.keyPath.`,
  }),
  keyStorePassword: property(secret, { description: `The password of ${prefix}.keyStorePath.`, secret: true }),
  protocol: property(oneOf('TLSv1.2', 'TLSv1.3'), {
    default: 'TLSv1.2',
    description: 'The oldest version of TLS that is spoken. Newer ones are spoken where the other side can.',
  }),
  trustStorePath: property(file, {
    description: `A PKCS12 trust store, as keytool makes it: the authorities that vouch for ${peer}.`,
  }),
  trustStorePassword: property(secret, { description: `The password of ${prefix}.trustStorePath.`, secret: true }),
});

/** Where ZooKeeper is, how it is spoken to, and what is kept there. */
export const zooKeeperProperties = {
  'zookeeper.connect': property(connectString, {
    description: 'The servers of ZooKeeper, host:port separated by commas, and perhaps a path under which all is kept.',
  }),
  'zookeeper.digest': property(secret, {
    description: 'user:password for ZooKeeper’s ACLs (the scheme digest).',
    secret: true,
  }),
  'zookeeper.path': property(znodePath, {
    default: '/tranquility/beams',
    description: 'Where Tranquility keeps its state in ZooKeeper.',
  }),
  'zookeeper.tls.enable': property(truth, {
    default: 'false',
    description: 'Whether to speak TLS to ZooKeeper.',
  }),
  ...tls('zookeeper.tls', 'ZooKeeper'),
  'zookeeper.timeout': property(period, {
    default: 'PT20S',
    description: 'How long our locks outlive the connection to ZooKeeper. Servers bound it to 2 to 20 of their ticks.',
  }),
} as const;

/**
 * Every property that the engine knows: the one source of names, defaults, checks and descriptions. Names and defaults are
 * Tranquility's where it has them; docs/properties.md names those that it does not have.
 */
export const properties = {
  'append.acknowledge': property(oneOf('journaled', 'published', 'queryable'), {
    default: 'journaled',
    description:
      'How far an event is when it is called sent: in the journal on disk; published by Druid; or loaded by Druid’s servers too, so that it can be queried.',
  }),
  'append.awaitAvailability': property(period, {
    default: 'PT0S',
    description:
      'How long a task waits, in its slot, until its events can be queried. PT0S: it ends when they are published.',
  }),
  'append.endpoint.advertised': property(hostPort, {
    description:
      'Where Druid’s tasks reach the server of large batches. When unset: where it listens, if Druid is on this machine; else batches are no larger than append.inlineBytes.',
  }),
  'append.endpoint.host': property(text, {
    default: '127.0.0.1',
    description: 'Where the server of large batches listens: an address of this machine; 0.0.0.0 for all.',
  }),
  'append.endpoint.password': property(secret, {
    description: 'The password of append.endpoint.user.',
    secret: true,
  }),
  'append.endpoint.port': property(wholeNumber(0), {
    default: '9393',
    description: 'The port of that server; 0 for any that is free.',
  }),
  'append.endpoint.tls.enable': property(truth, {
    default: 'false',
    description:
      'Whether that server speaks TLS. It then needs a certificate and its key, and those who run Druid’s tasks an authority for it that Java trusts.',
  }),
  ...prefixed('append.endpoint.tls', tlsFiles('append.endpoint.tls', 'readers', 'readers need no certificate')),
  'append.endpoint.user': property(text, {
    description:
      'The user that readers of batches must be, by Basic authentication. When unset: whoever knows the path, which cannot be guessed.',
  }),
  'append.inlineBytes': property(wholeNumber(1), {
    default: '1048576',
    description:
      'Up to how many bytes the events of a batch stand in the task itself, and so in Druid’s metadata store.',
  }),
  'append.maxAge': property(period, {
    default: 'PT1M',
    description:
      'How long an event waits for others before its batch goes to Druid. Each batch makes segments of its own.',
  }),
  'append.maxBytes': property(wholeNumber(1), {
    default: '268435456',
    description:
      'The bytes of events with which a batch is full. One that waits for a worker may get four times as large.',
  }),
  'append.maxRows': property(wholeNumber(1), {
    default: '1000000',
    description: 'The events with which a batch is full. One that waits for a worker may get four times as large.',
  }),
  'append.maxTasks': property(wholeNumber(1), {
    description: 'The most append tasks of this process at a time. When unset: half of what Druid’s workers can run.',
  }),
  'druid.addresses': property(addresses, {
    description:
      'Where addresses that Druid tells are reached, when they cannot be reached as they are (Docker, NAT, port-forwards): from=to, separated by commas.',
  }),
  'druid.overlord.urls': property(urls, {
    description:
      'Where overlords, coordinators with an overlord in them, or routers with the management proxy are found. When unset: where the overlord announces itself in ZooKeeper.',
  }),
  'druid.selectors.indexing.serviceName': property(text, {
    default: 'druid/overlord',
    description: 'The overlord’s druid.service; it is part of the tasks’ firehose names.',
  }),
  'druid.discovery.curator.path': property(znodePath, {
    default: '/druid/discovery',
    description: 'Where Druid announces its services in ZooKeeper.',
  }),
  'druid.tls.enable': property(truth, {
    default: 'false',
    description:
      'Whether to speak TLS to Druid, and nothing else. When unset: whether druid.overlord.urls are https. When false: TLS ports are used only where no other is open.',
  }),
  ...tls('druid.tls', 'Druid'),
  'druid.tls.trustStoreAlgorithm': property(word, {
    description: 'How certificates are checked.',
    only: { value: 'PKIX', reason: 'Certificates are always checked as PKIX says. Remove it.' },
  }),
  'druid.tls.trustStoreType': property(word, {
    description: 'The form of druid.tls.trustStorePath.',
    only: {
      value: 'PKCS12',
      reason:
        'Only PKCS12 is read. Convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12',
    },
  }),
  'druidBeam.basicAuthUser': property(text, { description: 'User for Basic authentication, sent with every request.' }),
  'druidBeam.basicAuthPass': property(secret, { description: 'Password for Basic authentication.', secret: true }),
  'druidBeam.bearerToken': property(secret, {
    description: 'A token that is sent with every request, in place of Basic authentication.',
    secret: true,
  }),
  'druidBeam.bearerTokenPath': property(file, {
    description: 'A file with such a token. It is read again when it has changed.',
  }),
  'druidBeam.compression': property(oneOf('none', 'gzip'), {
    default: 'none',
    description: 'Whether pushes are compressed. Druid inflates them from 0.16 on.',
  }),
  'druidBeam.firehoseBufferSize': property(wholeNumber(1), {
    default: '100000',
    description: 'How many rows a task holds before a push waits.',
  }),
  'druidBeam.firehoseChunkSize': property(wholeNumber(1), {
    default: '1000',
    description: 'The most rows in one push.',
  }),
  'druidBeam.firehoseGracePeriod': property(period, {
    default: 'PT5M',
    description: 'How long a task stays open after its window has closed.',
  }),
  'druidBeam.firehoseQuietPeriod': property(period, {
    default: 'PT1M',
    description: 'How long a push or a starting task may fail before it is logged as a warning.',
  }),
  'druidBeam.firehoseRetryPeriod': property(period, {
    description:
      'How long a push is tried. When unset: until the window of the events’ segment closes, and at least PT1M.',
  }),
  'druidBeam.headers': property(headers, {
    description: 'Headers that are sent with every request, as an object.',
    secret: true,
  }),
  'druidBeam.indexRetryPeriod': property(period, {
    description:
      'How long a task’s creation is tried. When unset: until the window of its segment closes, and at least PT1M.',
  }),
  'druidBeam.overlordLocator': property(oneOf('curator', 'overlord'), {
    default: 'curator',
    description: 'How the overlord is found. druid.overlord.urls, where given, comes before it.',
  }),
  'druidBeam.overlordPollPeriod': property(period, {
    default: 'PT20S',
    description: 'The longest pause between two questions about a task that is starting.',
  }),
  'druidBeam.randomizeTaskId': property(truth, {
    default: 'false',
    description: 'Whether task ids end in random letters.',
    only: {
      value: false,
      reason: 'Instances find each other’s tasks by their ids, so these must not be random. Remove it.',
    },
  }),
  'druidBeam.taskLocator': property(oneOf('curator', 'overlord'), {
    default: 'overlord',
    description:
      'How tasks are found: by the overlord’s status, or where they announce themselves in ZooKeeper (curator). With druid.overlord.urls: always by the status.',
  }),
  'journal.directory': property(file, {
    default: 'tranquility-journal',
    description:
      'Where the journal is kept. One process may have it open, and only one host may have it mounted for writing, as a writer on another host is not seen. A relative path begins where the program runs, so give services an absolute one: from another directory they have another journal.',
  }),
  'journal.maxBytes': property(wholeNumber(1_048_576), {
    description: 'The most bytes of the journal: then events wait. When unset: what the disk has.',
  }),
  'journal.minFreeBytes': property(wholeNumber(0), {
    default: '268435456',
    description: 'How many bytes the journal leaves free on the disk.',
  }),
  'journal.reservePeriod': property(period, {
    default: 'PT10M',
    description: 'How long events stay in the journal at least, published or not.',
  }),
  'journal.segmentBytes': property(wholeNumber(65_536), {
    default: '134217728',
    description: 'The size of a file of the journal. What Druid has published is removed by whole files.',
  }),
  'journal.segmentPeriod': property(period, {
    default: 'PT1H',
    description: 'The age at which a file of the journal ends.',
  }),
  'journal.syncPeriod': property(period, {
    default: 'PT0S',
    description:
      'How long events may wait for others before they are made durable together. They are acknowledged, and read by Druid, after that.',
  }),
  'pull.completionTimeout': property(periodFrom(1, 'an ISO-8601 period above zero'), {
    default: 'PT30M',
    description: 'How long a task of Druid’s may take to publish.',
  }),
  'pull.consumerProperties': property(passedOn, {
    description:
      'What Druid’s readers are told besides, by the names of Kafka’s consumer: ssl.truststore.location, or a password provider. It wins, also over default.api.timeout.ms, which is 15000 unless said here.',
    secret: true,
  }),
  'pull.endpoint.advertised': property(hostPort, {
    description: 'Where Druid reaches the endpoint. When unset: where it listens.',
  }),
  'pull.endpoint.host': property(text, {
    default: '127.0.0.1',
    description: 'Where the endpoint listens from which Druid reads: an address of this machine; 0.0.0.0 for all.',
  }),
  'pull.endpoint.nodes': property(hostPorts, {
    description:
      'Where Druid reaches each of several processes that share dataSources, this one among them, in the same order for all. When unset: this one alone.',
  }),
  'pull.endpoint.port': property(wholeNumber(0), {
    default: '9392',
    description: 'The port of the endpoint; 0 for any that is free.',
  }),
  'pull.endpoint.sasl.mechanism': property(oneOf('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'), {
    default: 'SCRAM-SHA-512',
    description: 'How readers show who they are, where there is a user.',
  }),
  'pull.endpoint.sasl.password': property(secret, { description: 'The password of readers.', secret: true }),
  'pull.endpoint.sasl.user': property(text, {
    description: 'The user that readers must be. When unset: whoever reaches the endpoint reads.',
  }),
  'pull.endpoint.tls.enable': property(truth, {
    default: 'false',
    description: 'Whether the endpoint speaks TLS. It then needs a certificate and its key.',
  }),
  ...prefixed('pull.endpoint.tls', tlsFiles('pull.endpoint.tls', 'readers', 'readers need no certificate')),
  'pull.kafka.bootstrap.servers': property(hostPorts, {
    description: 'Brokers of the Kafka to which events are sent, and from which Druid reads, with pull.source kafka.',
  }),
  'pull.kafka.sasl.mechanism': property(oneOf('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'), {
    default: 'SCRAM-SHA-512',
    description: 'How we, and Druid, show Kafka who we are, where there is a user.',
  }),
  'pull.kafka.sasl.password': property(secret, { description: 'The password for Kafka.', secret: true }),
  'pull.kafka.sasl.user': property(text, { description: 'The user for Kafka.' }),
  'pull.kafka.tls.enable': property(truth, { default: 'false', description: 'Whether to speak TLS to Kafka.' }),
  ...tls('pull.kafka.tls', 'Kafka'),
  'pull.kafka.topic': property(text, {
    description: 'The topic. When unset: the name of the dataSource. It is created where it is not there.',
  }),
  'pull.source': property(oneOf('journal', 'kafka'), {
    default: 'journal',
    description: 'What Druid reads on the lane pull: our journal, or a topic of your Kafka, to which events are sent.',
  }),
  'pull.startDelay': property(period, {
    default: 'PT1S',
    description: 'How long a supervisor waits before it looks at the stream for the first time.',
  }),
  'pull.supervisorPeriod': property(periodFrom(1, 'an ISO-8601 period above zero'), {
    default: 'PT30S',
    description: 'How often Druid looks at its tasks, and we at Druid.',
  }),
  'pull.taskDuration': property(
    periodFrom(60_000, 'an ISO-8601 period of at least PT1M, as shorter ones fail in Druid'),
    {
      default: 'PT1H',
      description: 'How long a task of Druid’s reads until it publishes.',
    },
  ),
  'realtime.journal': property(truth, {
    default: 'false',
    description:
      'Whether events for realtime tasks are written to a journal first, and acknowledged when they are on disk. Of no effect on other lanes, nor for connectors, whose sources give events again.',
  }),
  'serialization.format': property(oneOf('json', 'smile'), {
    default: 'json',
    description: 'How events are written. Smile is smaller, and quicker for Druid to read, but takes more work here.',
  }),
  'task.partitions': property(wholeNumber(1), {
    default: '1',
    description: 'Tasks that share the events of a segment.',
  }),
  'task.replicants': property(wholeNumber(1), {
    default: '1',
    description: 'Copies of each task, on different workers.',
  }),
  'task.warmingPeriod': property(period, {
    default: 'PT0M',
    description: 'How long before its segment begins a task is created, by the clock, while events come.',
  }),
  'tranquility.blockOnFull': property(truth, {
    default: 'true',
    description: 'Whether a full sender waits; otherwise sending fails with TRQ_BUFFER_FULL.',
  }),
  'tranquility.coordination': property(oneOf('overlord', 'zookeeper'), {
    default: 'overlord',
    description:
      'Who decides which tasks exist: the overlord alone, by their ids, or ZooKeeper as in Tranquility 0.8. When unset: zookeeper where zookeeper.connect is given.',
  }),
  'tranquility.deadLetterPath': property(file, {
    description:
      'The file in which events are kept that are not in Druid, one line of JSON for each: late ones with tranquility.lateEvents dead-letter, and those that were accepted to be appended and that Druid could not read.',
  }),
  'tranquility.lane': property(oneOf('auto', 'realtime', 'pull', 'append'), {
    default: 'auto',
    description:
      'How events get into Druid: we push them to realtime tasks (Druid 30 and older), Druid pulls them, or they are appended in batches. With auto: what this Druid can do, and pull where the journal has events of the dataSource.',
  }),
  'tranquility.lateEvents': property(oneOf('drop', 'append', 'dead-letter'), {
    default: 'drop',
    description:
      'What becomes of events of the lane realtime that are too late for their window: they are dropped; appended in batches, like those of the lane append; or dropped and kept in tranquility.deadLetterPath.',
  }),
  'tranquility.lingerMillis': property(wholeNumber(-1), {
    default: '0',
    description: 'How long, in milliseconds, a batch waits for more events; -1: until it is full or flushed.',
  }),
  'tranquility.maxBatchBytes': property(wholeNumber(1), {
    default: '1048576',
    description: 'The most bytes of JSON in a batch; a single larger event makes a batch of its own.',
  }),
  'tranquility.maxBatchSize': property(wholeNumber(1), { default: '2000', description: 'The most events in a batch.' }),
  'tranquility.maxPendingBatches': property(wholeNumber(1), {
    default: '5',
    description: 'The most batches under way to one task.',
  }),
  ...zooKeeperProperties,
} satisfies Record<string, Property<unknown>>;

type ValueOf<P> = P extends Property<infer T> ? (P extends WithDefault ? T : T | undefined) : never;

/** Properties by name. */
export type PropertyTable = Readonly<Record<string, Property<unknown>>>;

/** The values of a table's properties, defaults filled in. */
export type ValuesOf<T extends PropertyTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

export type PropertyName = keyof typeof properties;

/** The effective properties of one dataSource, defaults filled in. */
export type PropertyValues = ValuesOf<typeof properties>;

/** Those of ZooKeeper alone. */
export type ZooKeeperValues = ValuesOf<typeof zooKeeperProperties>;

/** Properties of the server and the connectors, which share the file with the engine. */
export const isForAnotherProgram = (name: string): boolean =>
  /^(https?|kafka|kinesis|consumer|commit|checkpoint|topicPattern|streamPattern|deadLetter|registry|avro|druid\.extensions)(\.|$)/.test(
    name,
  ) ||
  /^(useTopicAsDataSource|useStreamAsDataSource|reportDropsAsExceptions|reportParseExceptions)$/.test(name) ||
  /^(columns|filter|onDrop|onUnparseable|window)$/.test(name);

/** Properties that are one for the whole file, as in Tranquility, which refuses them within a dataSource. */
export const globalOnly =
  /^(https?\..+|kafka\.(group\.id|zookeeper\.connect)|consumer\.numThreads|commit\.periodMillis|journal\..+|pull\.endpoint\..+|append\.(endpoint\..+|maxTasks))$/;
