import { readPlan, Routes, type Plan } from '@tranquility-js/connect';
import { TranquilityError } from '@tranquility-js/core';
import {
  nearest,
  readTable,
  show,
  zooKeeperProperties,
  type Cursor,
  type ValuesOf,
  type ZooKeeperValues,
} from '@tranquility-js/core/internal';
import { clientProperties } from './client-properties.js';
import { leaseTable, takenTable } from './lease-table.js';
import { kinesisStreamProperties, type KinesisStreamProperties } from './stream-properties.js';

/** The effective properties of the connector as a whole; those of ZooKeeper as they are given, where leases are there. */
export type ClientValues = ValuesOf<typeof clientProperties> & ZooKeeperValues;

/** All that a config file says of the connector, checked. */
export interface KinesisPlan extends Plan<ClientValues, KinesisStreamProperties> {
  /** The streams that patterns name, where all of them are no more than names. */
  readonly names: readonly string[] | undefined;
}

/**
 * Reads a Tranquility config for Kinesis.
 * @param given the path of the file, or an object of the same form.
 * @param overrides properties that win over those of the config, by name.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it.
 */
export async function readKinesisPlan(
  given: string | object,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<KinesisPlan> {
  const patterns: string[] = [];
  const check = (_: KinesisStreamProperties, values: ReadonlyMap<string, Cursor>): void => {
    const pattern = values.get('streamPattern');
    if (pattern === undefined) return;
    patterns.push(String(pattern.value));
    if (values.get('kinesis.account')?.isAbsent === false && namesIn([String(pattern.value)]) === undefined) {
      pattern.fail(
        'must be names of streams, with | between them and \\ before each dot, where kinesis.account is set.',
      );
    }
  };
  const form = { noun: 'stream', table: kinesisStreamProperties, readClient, check } as const;
  const plan = await readPlan(form, given, overrides);
  checkTables(plan, new Set(patterns.flatMap((pattern) => namesIn([pattern]) ?? [])), given);
  return { ...plan, names: namesIn(patterns) };
}

/** Refuses tables of leases that two streams would share, as far as streams are named. Of others it is seen when they are found. */
function checkTables(plan: Omit<KinesisPlan, 'names'>, names: Iterable<string>, given: string | object): void {
  if (!hasTables(plan.client)) return;
  const routes = new Routes(plan.routes);
  const streams = new Map<string, string>();
  for (const stream of names) {
    const table = leaseTable(plan, routes.of(stream)?.dataSource ?? '', stream);
    const other = streams.get(table);
    if (other !== undefined) {
      const problem = `${typeof given === 'string' ? given : 'config'}: ${takenTable(stream, other, table)}`;
      throw new TranquilityError('TRQ_CONFIG_INVALID', `The config has a problem:\n  ${problem}`, {
        details: { problems: [problem] },
      });
    }
    streams.set(table, stream);
  }
}

/** Whether each stream has its leases in a table or node of a name that the config gives. */
const hasTables = ({ 'kinesis.leases.store': store }: ClientValues): boolean =>
  store === 'dynamodb' || store === 'zookeeper';

/** Names, if the patterns are nothing else: then nobody has to be asked which streams there are. A dot in a name is written `\.`. */
function namesIn(patterns: readonly string[]): string[] | undefined {
  const parts = patterns.flatMap((pattern) => pattern.split('|'));
  return parts.every((part) => /^([\w-]|\\\.)+$/.test(part))
    ? parts.map((part) => part.replaceAll('\\.', '.'))
    : undefined;
}

function readClient(given: ReadonlyMap<string, Cursor>): ClientValues {
  const known = [...Object.keys(clientProperties), ...Object.keys(kinesisStreamProperties)];
  for (const [name, cursor] of given) {
    if (!/^(kinesis|checkpoint)\./.test(name) || known.includes(name)) continue;
    const meant = nearest(name, known);
    cursor.fail(`is not known.${meant === undefined ? ' Remove it.' : ` Did you mean ${show(meant)}?`}`);
  }
  const own = readTable(clientProperties, given);
  const inZooKeeper = own['kinesis.leases.store'] === 'zookeeper';
  const values = { ...own, ...readTable(zooKeeperProperties, inZooKeeper ? given : new Map<string, Cursor>()) };
  const start = values['kinesis.start'];
  if (typeof start === 'object' && start.timestamp > Date.now()) {
    given.get('kinesis.start')?.fail('lies in the future. Give a time that has passed, or LATEST.');
  }
  if (values['kinesis.leases.store'] === 'file' && values['kinesis.leases.file'] === undefined) {
    given.get('kinesis.leases.store')?.fail('is "file". Set kinesis.leases.file, where leases are kept.');
  }
  if (inZooKeeper && values['zookeeper.connect'] === undefined) {
    const remedy = 'Set zookeeper.connect at the top, such as "zk:2181".';
    given.get('kinesis.leases.store')?.fail(`is "zookeeper", but there is none. ${remedy}`);
  }
  if (values['kinesis.role.externalId'] !== undefined && values['kinesis.role.arn'] === undefined) {
    given.get('kinesis.role.externalId')?.fail('is for a role. Set kinesis.role.arn, or remove this.');
  }
  return values;
}
