import {
  addresses,
  connectString,
  file,
  headers,
  oneOf,
  period,
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

interface WithDefault {
  readonly default: string;
}

type Options<T> = Omit<Property<T>, 'kind' | 'default'>;

function property<T>(kind: PropertyKind<T>, options: Options<T> & WithDefault): Property<T> & WithDefault;
function property<T>(kind: PropertyKind<T>, options: Options<T>): Property<T>;
function property<T>(kind: PropertyKind<T>, options: Options<T>): Property<T> {
  return { kind, ...options };
}

type Prefixed<P extends string, T> = { [K in keyof T & string as `${P}.${K}`]: T[K] };

/** What TLS needs is the same for Druid and ZooKeeper. */
function tls<const P extends string>(prefix: P, peer: string): Prefixed<P, ReturnType<typeof tlsProperties>> {
  const entries = Object.entries(tlsProperties(prefix, peer)).map(([name, row]) => [`${prefix}.${name}`, row]);
  return Object.fromEntries(entries) as Prefixed<P, ReturnType<typeof tlsProperties>>;
}

const tlsProperties = (prefix: string, peer: string) => ({
  caPath: property(file, {
    description: `A file of certificates in PEM: the authorities that vouch for ${peer}. When neither this nor a trust store is given: those that Node trusts.`,
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
  serverName: property(text, {
    description: `The name that certificates of ${peer} must bear where the address is an IP. When unset: that IP.`,
  }),
  trustStorePath: property(file, {
    description: `A PKCS12 trust store, as keytool makes it: the authorities that vouch for ${peer}.`,
  }),
  trustStorePassword: property(secret, { description: `The password of ${prefix}.trustStorePath.`, secret: true }),
});

/**
 * Every property that the engine knows: the one source of names, defaults, checks and descriptions. Names and defaults are
 * Tranquility's where it has them; docs/properties.md names those that it does not have.
 */
export const properties = {
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
} satisfies Record<string, Property<unknown>>;

type ValueOf<P> = P extends Property<infer T> ? (P extends WithDefault ? T : T | undefined) : never;

export type PropertyName = keyof typeof properties;

/** The effective properties of one dataSource, defaults filled in. */
export type PropertyValues = { readonly [K in PropertyName]: ValueOf<(typeof properties)[K]> };

/** Properties of the server and the Kafka connector, which share the file with the engine. */
export const isForAnotherProgram = (name: string): boolean =>
  /^(https?|kafka|consumer|commit|topicPattern|druid\.extensions)(\.|$)/.test(name) ||
  /^(useTopicAsDataSource|reportDropsAsExceptions|reportParseExceptions)$/.test(name);

/** Properties that are one for the whole file. Tranquility refuses them within a dataSource. */
export const globalOnly =
  /^(http\.(port|threads|idleTimeout)|kafka\.(group\.id|zookeeper\.connect)|consumer\.numThreads|commit\.periodMillis)$/;
