import type { Logger } from '@tranquility-js/core';
import { systemClock } from '@tranquility-js/core/internal';
import { dynamoDBClient, type AwsHooks } from '../aws/clients.js';
import { leasesProblem } from '../aws/problems.js';
import type { ClientValues } from '../config/read-plan.js';
import { DynamoDBLeaseStore } from './dynamodb-lease-store.js';
import { FileLeaseStore } from './file-lease-store.js';
import type { LeaseStore } from './lease-store.js';
import { ledgerClient } from './ledger-client.js';
import { MemoryLeaseStore } from './memory-lease-store.js';
import { ZooKeeperLeaseStore } from './zookeeper-lease-store.js';

/** The ledgers of all streams. */
export interface LeaseStores {
  /** That of a stream, given its name. All who ask for one that this process has to itself get the same: it takes turns. */
  of(stream: string, table: string): LeaseStore;
  /** What tells the ledger of a stream from those of others: of one name there is one, whatever the stream. */
  nameOf(stream: string, table: string): string;
  /** Ends the connections to where they are. */
  close(): Promise<void>;
}

/** How long a ledger may take to answer: less than a lease lives without a sign of life, and not so short that a busy moment counts. */
const answerMillis = (failoverMillis: number): number => Math.max(2000, Math.min(failoverMillis / 3, 5000));

/**
 * Where leases are, as the config says. Nothing is connected before it is used.
 * @throws (as a rejection) TRQ_KINESIS_MISSING when leases are in DynamoDB and its package is not installed; TRQ_CONFIG_INVALID when they are in
 * ZooKeeper, and a file of TLS cannot be used.
 */
export async function leaseStores(values: ClientValues, hooks: AwsHooks, logger: Logger): Promise<LeaseStores> {
  switch (values['kinesis.leases.store']) {
    case 'memory':
      return inProcess(() => new MemoryLeaseStore());
    case 'file':
      return inProcess((stream) => new FileLeaseStore(`${values['kinesis.leases.file'] ?? ''}.${stream}`));
    case 'zookeeper':
      return inZooKeeper(values, logger);
    case 'dynamodb':
      return inDynamoDB(values, hooks);
  }
}

function inProcess(make: (stream: string) => LeaseStore): LeaseStores {
  const stores = new Map<string, LeaseStore>();
  return {
    of(stream) {
      const store = stores.get(stream) ?? make(stream);
      stores.set(stream, store);
      return store;
    },
    nameOf: (stream) => stream,
    close: () => Promise.resolve(),
  };
}

async function inDynamoDB(values: ClientValues, hooks: AwsHooks): Promise<LeaseStores> {
  const millis = answerMillis(values['kinesis.leases.failoverMillis']);
  const { sdk, client } = await dynamoDBClient(values, hooks, millis);
  const options = { sdk, client, clock: systemClock, problem: leasesProblem };
  return {
    of: (_, table) => new DynamoDBLeaseStore({ ...options, table }),
    nameOf: (_, table) => table,
    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

async function inZooKeeper(values: ClientValues, logger: Logger): Promise<LeaseStores> {
  const failoverMillis = values['kinesis.leases.failoverMillis'];
  const client = await ledgerClient({
    ...{ values, failoverMillis, logger },
    answerMillis: answerMillis(failoverMillis),
  });
  const path = values['kinesis.leases.zookeeper.path'];
  return {
    of: (_, table) => new ZooKeeperLeaseStore(client, `${path}/${table}`),
    nameOf: (_, table) => `${path}/${table}`,
    close: () => client.close(),
  };
}
