import {
  connectString,
  oneOf,
  period,
  text,
  truth,
  urls,
  wholeNumber,
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

/**
 * Every property that the engine knows: the one source of names, defaults, checks and descriptions. Names and defaults are
 * Tranquility's, but for those that it does not have: `druid.overlord.urls`, `druidBeam.compression`, `tranquility.coordination`,
 * `tranquility.maxBatchBytes`, `zookeeper.digest`, `zookeeper.tls.enable`.
 */
export const properties = {
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
    description: 'Whether to speak TLS to Druid.',
    only: {
      value: false,
      reason: 'TLS follows the scheme of druid.overlord.urls and Node’s own trusted certificates. Remove it.',
    },
  }),
  'druidBeam.basicAuthUser': property(text, { description: 'User for Basic authentication, sent with every request.' }),
  'druidBeam.basicAuthPass': property(text, { description: 'Password for Basic authentication.', secret: true }),
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
  'zookeeper.digest': property(text, {
    description: 'user:password for ZooKeeper’s ACLs (the scheme digest).',
    secret: true,
  }),
  'zookeeper.path': property(znodePath, {
    default: '/tranquility/beams',
    description: 'Where Tranquility keeps its state in ZooKeeper.',
  }),
  'zookeeper.tls.enable': property(truth, {
    default: 'false',
    description:
      'Whether to speak TLS to ZooKeeper. Node’s own trusted certificates count, and those of NODE_EXTRA_CA_CERTS.',
  }),
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
  /^(useTopicAsDataSource|reportDropsAsExceptions|reportParseExceptions)$/.test(name) ||
  /^druid\.tls\.(protocol|trustStore\w+)$/.test(name);

/** Properties that are one for the whole file. Tranquility refuses them within a dataSource. */
export const globalOnly =
  /^(http\.(port|threads|idleTimeout)|kafka\.(group\.id|zookeeper\.connect)|consumer\.numThreads|commit\.periodMillis)$/;
