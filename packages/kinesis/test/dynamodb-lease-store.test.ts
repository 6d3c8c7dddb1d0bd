import * as sdk from '@aws-sdk/client-dynamodb';
import { systemClock } from '@tranquility-js/core/internal';
import { describe, expect, it } from 'vitest';
import { dynamoDBClient } from '../src/aws/clients.js';
import { leasesProblem } from '../src/aws/problems.js';
import type { ClientValues } from '../src/config/read-plan.js';
import { newLease } from '../src/leases/shard-sync.js';
import { madeAnew } from '../src/leases/stream-leases.js';
import { idOf, shard } from './support/shards.js';
import { itemOf, leaseOf } from '../src/leases/lease-items.js';
import { DynamoDBLeaseStore } from '../src/leases/dynamodb-lease-store.js';

it('a lease comes back from its item as it was', () => {
  const lease = {
    ...newLease(shard(1, [0]), { from: 'LATEST', timestamp: 5 }),
    ...{ leaseOwner: 'me', wantedBy: 'you', streamCreated: 7, journals: 'tranquility one=5:2' },
  };
  const item = itemOf(lease);
  expect(leaseOf(item)).toEqual(lease);
  expect([item['parentShardId'], item['journals']]).toEqual([{ SS: [idOf(0)] }, { S: 'tranquility one=5:2' }]);
});

it('a lease is made anew in one write, only if it is that of the stream that was seen', async () => {
  const sent: sdk.UpdateItemCommandInput[] = [];
  const client = {
    send: ({ input }: sdk.UpdateItemCommand) => {
      sent.push(input);
      return Promise.resolve({ Attributes: itemOf(newLease(shard(1), 'TRIM_HORIZON')) });
    },
  } as unknown as sdk.DynamoDBClient;
  const options = { sdk, client, table: 'leases', clock: systemClock, problem: leasesProblem };
  const store = new DynamoDBLeaseStore(options);
  const seen = { ...newLease(shard(1, [0]), 'TRIM_HORIZON'), leaseCounter: 3, streamCreated: 7 };
  await store.change(seen, madeAnew({ ...newLease(shard(1), 'TRIM_HORIZON'), streamCreated: 8 }));
  const [{ ConditionExpression, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues }] = sent as [
    sdk.UpdateItemCommandInput,
  ];
  expect(ConditionExpression).toBe(
    '#leaseCounter = :seen_leaseCounter AND attribute_not_exists(#leaseOwner) AND #streamCreated = :seen_streamCreated',
  );
  // A set is never empty.
  expect(UpdateExpression?.split(' REMOVE ')[1]?.split(', ')).toEqual(
    expect.arrayContaining(['#leaseOwner', '#wantedBy', '#parentShardIds', '#childShardIds', '#startingTimestamp']),
  );
  expect(ExpressionAttributeNames?.['#parentShardIds']).toBe('parentShardId');
  expect(ExpressionAttributeValues).toMatchObject({
    ...{ ':seen_leaseCounter': { N: '3' }, ':seen_streamCreated': { N: '7' } },
    ...{ ':next': { N: '4' }, ':streamCreated': { N: '8' } },
  });
});

it('the wait for a table that is being made ends with the signal', async () => {
  const ending = new AbortController();
  const client = {
    send: () => {
      setImmediate(() => {
        ending.abort();
      });
      return Promise.resolve({ Table: { TableStatus: 'CREATING' } });
    },
  } as unknown as sdk.DynamoDBClient;
  const store = new DynamoDBLeaseStore({
    ...{ sdk, client, table: 'leases', clock: systemClock },
    problem: leasesProblem,
  });
  await expect(store.open(ending.signal)).rejects.toMatchObject({ code: 'TRQ_LEASES_UNREACHABLE' });
});

describe('DynamoDB is asked', () => {
  const lease = newLease(shard(1), 'TRIM_HORIZON');
  const errorOf = (name: string, httpStatusCode: number): Error =>
    Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

  it.each([
    ['three times where it refuses for the moment', errorOf('ThrottlingException', 400), 3],
    ['three times where it is broken', errorOf('InternalServerError', 500), 3],
    ['once where it is silent', errorOf('TimeoutError', 0), 1],
  ])('%s', async (_, error, times) => {
    let asked = 0;
    const client = {
      send: () => {
        asked++;
        return Promise.reject(error);
      },
    } as unknown as sdk.DynamoDBClient;
    const clock = { now: () => 0, sleep: () => Promise.resolve() };
    const store = new DynamoDBLeaseStore({ sdk, client, table: 'leases', clock, problem: leasesProblem });
    await expect(store.change(lease, {})).rejects.toMatchObject({ code: 'TRQ_LEASES_UNREACHABLE' });
    expect(asked).toBe(times);
  });

  it.each([
    ['of a table of another shape', 'ValidationException', 'choose another kinesis.leases.table'],
    ['of a table that was deleted', 'ResourceNotFoundException', 'It is not there any more.'],
    ['without the right to do so', 'AccessDeniedException', 'Check the credentials and their rights in DynamoDB.'],
  ])('%s: trying again does not help', async (_, name, remedy) => {
    const client = { send: () => Promise.reject(errorOf(name, 400)) } as unknown as sdk.DynamoDBClient;
    const options = { sdk, client, table: 'orders', clock: systemClock, problem: leasesProblem };
    await expect(new DynamoDBLeaseStore(options).get(idOf(1))).rejects.toMatchObject({
      code: 'TRQ_LEASES_REFUSED',
      retryable: false,
      message: expect.stringMatching(`^The table of leases orders cannot be used: ${name}.*${remedy}`) as string,
    });
  });

  it('by a client that does not try again by itself, unless it is told to', async () => {
    const values = { 'kinesis.region': 'eu-west-1' } as ClientValues;
    const attempts = [{}, { dynamodb: { maxAttempts: 2 } }].map(async (hooks) => {
      const { client } = await dynamoDBClient(values, hooks, 1000);
      client.destroy();
      return client.config.maxAttempts();
    });
    expect(await Promise.all(attempts)).toEqual([1, 2]);
  });
});
