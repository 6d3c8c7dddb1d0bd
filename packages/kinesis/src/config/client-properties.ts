import { file, oneOf, property, text, wholeNumber, znodePath, type PropertyKind } from '@tranquility-js/core/internal';

/** Where a stream begins: one of Kinesis's words, or a time. */
export type Beginning = 'LATEST' | 'TRIM_HORIZON' | { readonly timestamp: number };

const beginning: PropertyKind<Beginning> = {
  expected: 'LATEST, TRIM_HORIZON, or a time such as 2026-01-01T00:00:00Z',
  read: (value) => {
    const word = value.toUpperCase();
    if (word === 'LATEST' || word === 'TRIM_HORIZON') return word;
    const timestamp = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : NaN;
    return Number.isNaN(timestamp) ? undefined : { timestamp };
  },
};

const region: PropertyKind<string> = {
  expected: 'a region of AWS, such as eu-west-1',
  read: (value) => (/^[a-z0-9-]{3,32}$/.test(value) ? value : undefined),
};

const account: PropertyKind<string> = {
  expected: 'the twelve digits of an account',
  read: (value) => (/^\d{12}$/.test(value) ? value : undefined),
};

const endpoint: PropertyKind<string> = {
  expected: 'a URL such as http://127.0.0.1:4567',
  read: (value) => (/^https?:\/\/[^\s/]+\/?$/.test(value) && URL.canParse(value) ? value : undefined),
};

const role: PropertyKind<string> = {
  expected: 'the ARN of a role, such as arn:aws:iam::123456789012:role/reader',
  read: (value) => (/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(value) ? value : undefined),
};

const consumer: PropertyKind<string> = {
  expected: 'letters, digits, dots, dashes and underscores, 128 at most',
  read: (value) => (/^[\w.-]{1,128}$/.test(value) ? value : undefined),
};

/** Timers of Node count no further, and end at once beyond. */
const mostMillis = 2_147_483_647;
const millisFrom = (least: number): PropertyKind<number> => wholeNumber(least, mostMillis);
const millis = millisFrom(1);

/** What may be set once, for the connector as a whole. */
export const clientProperties = {
  'kinesis.region': property(region, {
    description: 'The region of the streams. When unset: as the AWS SDK finds it, in AWS_REGION or its config files.',
  }),
  'kinesis.account': property(account, {
    description:
      'The account of the streams, where it is not that of the credentials: they are named by their ARNs then, and streamPattern must be their names, with \\ before each dot.',
  }),
  'kinesis.endpoint': property(endpoint, {
    description: 'Where Kinesis is, if not where the region has it. Over http:// it is spoken to in HTTP/1.1.',
  }),
  'kinesis.role.arn': property(role, {
    description: 'A role to assume for the streams. Wants the package @aws-sdk/credential-providers.',
  }),
  'kinesis.role.externalId': property(text, { description: 'The external id that the role asks for.' }),
  'kinesis.start': property(beginning, {
    default: 'LATEST',
    description:
      'Where a stream begins that has no leases yet: LATEST, TRIM_HORIZON, or a time. What is created while the connector runs is read from its beginning in any case.',
  }),
  'kinesis.read': property(oneOf('polling', 'fan-out'), {
    default: 'polling',
    description: 'Whether shards are asked for records, or push them to us with enhanced fan-out.',
  }),
  'kinesis.fanOut.consumer': property(consumer, {
    default: 'tranquility',
    description: 'The name of our consumer for fan-out. It is registered where it is not there, and never removed.',
  }),
  'kinesis.poll.limit': property(wholeNumber(1, 10_000), {
    default: '10000',
    description: 'The most records that one answer brings; Kinesis gives 10,000 at most.',
  }),
  'kinesis.poll.intervalMillis': property(millis, {
    default: '250',
    description:
      'The least time between two questions to a shard. Kinesis answers five a second, to all who read the shard together.',
  }),
  'kinesis.poll.idleMillis': property(millis, {
    default: '1000',
    description: 'The time between two questions to a shard that has nothing new.',
  }),
  'kinesis.leases.store': property(oneOf('dynamodb', 'zookeeper', 'file', 'memory'), {
    default: 'dynamodb',
    description:
      'Where leases are: dynamodb or zookeeper for any number of processes, file for one, memory for one that begins anew each time.',
  }),
  'kinesis.leases.file': property(file, {
    description: 'The file of leases; the name of the stream is put behind it, with a dot.',
  }),
  'kinesis.leases.zookeeper.path': property(znodePath, {
    default: '/tranquility/kinesis',
    description:
      'The node of ZooKeeper below which leases are, in that of zookeeper.connect. Streams of other regions or accounts must have another one.',
  }),
  'kinesis.leases.endpoint': property(endpoint, {
    description: 'Where DynamoDB is, if not where the region has it.',
  }),
  'kinesis.leases.failoverMillis': property(millisFrom(1000), {
    default: '10000',
    description: 'After so long without a sign of life, others take over a shard. The same for all who share a ledger.',
  }),
  'kinesis.leases.max': property(wholeNumber(1), {
    default: '2147483647',
    description: 'The most shards of a stream that this process reads.',
  }),
  'kinesis.syncMillis': property(millisFrom(100), {
    default: '30000',
    description: 'How often we look for new streams and shards. Children of a shard are found at once when it ends.',
  }),
  'checkpoint.periodMillis': property(millis, {
    default: '15000',
    description: 'How often the places in the shards are written down, in milliseconds.',
  }),
  'checkpoint.records': property(wholeNumber(1), {
    description: 'After so many records of a shard its place is written down besides.',
  }),
  'kinesis.max.waiting.bytes': property(wholeNumber(1), {
    default: '4194304',
    description: 'How much of a shard waits in memory until Druid takes it; then its reading pauses.',
  }),
  'kinesis.max.inflated.bytes': property(wholeNumber(1), {
    default: '67108864',
    description: 'The most that a record in gzip may hold; a larger one is refused as unparseable.',
  }),
} as const;
