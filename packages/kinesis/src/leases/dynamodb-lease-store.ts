import type {
  AttributeValue,
  DynamoDBClient,
  DynamoDBServiceException as ServiceException,
} from '@aws-sdk/client-dynamodb';
import type * as DynamoDB from '@aws-sdk/client-dynamodb';
import { TranquilityError, type Clock } from '@tranquility-js/core';
import { kindOf } from '../aws/error-kind.js';
import type { Lease } from './lease.js';
import type { LeaseChange, LeaseStore } from './lease-store.js';
import { columnOf, isEmpty, isLease, itemOf, leaseOf, staleColumns, valueOf } from './lease-items.js';

export interface DynamoDBLeaseStoreOptions {
  /** The package, which is loaded only where it is needed. */
  readonly sdk: typeof DynamoDB;
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
  /** What an error of AWS's means. */
  readonly problem: (table: string, error: unknown) => TranquilityError;
}

const pollMillis = 200;
/** How often something is asked that DynamoDB refuses for the moment. */
const mostTries = 3;

/** How the name of every shard begins. */
const shardPrefix = 'shardId-';

/** A table of DynamoDB as the Kinesis Client Library of Java makes it: either may go on where the other one was. */
export class DynamoDBLeaseStore implements LeaseStore {
  readonly #options: DynamoDBLeaseStoreOptions;

  constructor(options: DynamoDBLeaseStoreOptions) {
    this.#options = options;
  }

  async open(signal?: AbortSignal): Promise<void> {
    const { sdk, client, table: TableName, clock } = this.#options;
    const sending = signal === undefined ? {} : { abortSignal: signal };
    await this.#doing(async () => {
      for (;;) {
        try {
          const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName }), sending);
          if (Table?.TableStatus === 'ACTIVE' || Table?.TableStatus === 'UPDATING') return;
        } catch (error) {
          if (!(error instanceof sdk.ResourceNotFoundException)) throw error;
          await this.#create();
        }
        await clock.sleep(pollMillis, signal);
      }
    });
  }

  list(): Promise<Lease[]> {
    const { sdk, client, table: TableName } = this.#options;
    return this.#doing(async () => {
      const leases: Lease[] = [];
      const pages = sdk.paginateScan({ client }, { TableName, ConsistentRead: true });
      for await (const { Items = [] } of pages) leases.push(...Items.filter(isLease).map(leaseOf));
      const foreign = leases.find(({ leaseKey }) => !leaseKey.startsWith(shardPrefix));
      if (foreign !== undefined) throw this.#foreign(foreign.leaseKey);
      return leases;
    });
  }

  get(leaseKey: string): Promise<Lease | undefined> {
    const { sdk, client, table: TableName } = this.#options;
    const input = { TableName, Key: { leaseKey: { S: leaseKey } }, ConsistentRead: true };
    return this.#doing(async () => {
      const { Item } = await client.send(new sdk.GetItemCommand(input));
      return Item === undefined ? undefined : leaseOf(Item);
    });
  }

  async create(lease: Lease): Promise<boolean> {
    const { sdk, client, table: TableName } = this.#options;
    const input = { TableName, Item: itemOf(lease), ConditionExpression: 'attribute_not_exists(leaseKey)' };
    return (await this.#conditionally(() => client.send(new sdk.PutItemCommand(input)))) !== undefined;
  }

  async change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    const { sdk, client, table: TableName } = this.#options;
    const { condition, names, values } = asSeen(seen);
    const sets = ['#leaseCounter = :next'];
    const removes = staleColumns(change);
    for (const name of removes) names[`#${name}`] = name;
    const removed = removes.map((name) => `#${name}`);
    for (const [name, value] of Object.entries(change) as [keyof LeaseChange, LeaseChange[keyof LeaseChange]][]) {
      names[`#${name}`] = columnOf(name);
      if (value === null || value === undefined || isEmpty(value)) {
        removed.push(`#${name}`);
      } else {
        sets.push(`#${name} = :${name}`);
        values[`:${name}`] = valueOf(value);
      }
    }
    values[':next'] = { N: String(seen.leaseCounter + 1) };
    const input = {
      TableName,
      Key: { leaseKey: { S: seen.leaseKey } },
      UpdateExpression: `SET ${sets.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: 'ALL_NEW' as const,
    };
    const answer = await this.#conditionally(() => client.send(new sdk.UpdateItemCommand(input)));
    return answer?.Attributes === undefined ? undefined : leaseOf(answer.Attributes);
  }

  async ask(seen: Lease, wantedBy: string): Promise<void> {
    const { sdk, client, table: TableName } = this.#options;
    if (seen.leaseOwner === undefined) return;
    const input = {
      TableName,
      Key: { leaseKey: { S: seen.leaseKey } },
      UpdateExpression: 'SET wantedBy = :me',
      ConditionExpression: 'leaseOwner = :owner AND attribute_not_exists(wantedBy)',
      ExpressionAttributeValues: { ':me': { S: wantedBy }, ':owner': { S: seen.leaseOwner } },
    };
    await this.#conditionally(() => client.send(new sdk.UpdateItemCommand(input)));
  }

  async remove(seen: Lease): Promise<void> {
    const { sdk, client, table: TableName } = this.#options;
    const { condition, names, values } = asSeen(seen);
    const input = {
      TableName,
      Key: { leaseKey: { S: seen.leaseKey } },
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    };
    await this.#conditionally(() => client.send(new sdk.DeleteItemCommand(input)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #create(): Promise<void> {
    const { sdk, client, table: TableName } = this.#options;
    try {
      await client.send(
        new sdk.CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'leaseKey', AttributeType: 'S' }],
        }),
      );
    } catch (error) {
      // Somebody else makes it just now.
      if (!(error instanceof sdk.ResourceInUseException)) throw error;
    }
  }

  #foreign(leaseKey: string): TranquilityError {
    const { table } = this.#options;
    const message = `The table ${table} has a lease ${leaseKey}, which is that of no shard: an application that reads several streams writes such. It cannot be taken over; choose another kinesis.leases.table.`;
    return new TranquilityError('TRQ_LEASES_REFUSED', message, { details: { table, leaseKey } });
  }

  #conditionally<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#doing(async () => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof this.#options.sdk.ConditionalCheckFailedException) return undefined;
        throw error;
      }
    });
  }

  async #doing<T>(work: () => Promise<T>): Promise<T> {
    const { clock, table, problem } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries === mostTries || !isPassing(error)) throw problem(table, error);
      }
      await clock.sleep(pollMillis);
    }
  }
}

/** Whether it is an answer, and may be another one soon. Silence has taken its time already. */
function isPassing(error: unknown): boolean {
  const { httpStatusCode = 0 } = (error as Partial<ServiceException>).$metadata ?? {};
  return kindOf(error) === 'throttled' || httpStatusCode >= 500;
}

interface Condition {
  readonly condition: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, AttributeValue>;
}

/** That a lease still is as it was seen: the condition of `isAsSeen`. */
function asSeen({ leaseCounter, leaseOwner, streamCreated }: Lease): Condition {
  const fields = { leaseCounter, leaseOwner, streamCreated };
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const conditions = Object.entries(fields).map(([name, value]) => {
    names[`#${name}`] = name;
    if (value === undefined) return `attribute_not_exists(#${name})`;
    values[`:seen_${name}`] = valueOf(value);
    return `#${name} = :seen_${name}`;
  });
  return { condition: conditions.join(' AND '), names, values };
}
