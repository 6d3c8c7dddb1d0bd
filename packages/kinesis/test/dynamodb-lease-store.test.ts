import * as sdk from '@aws-sdk/client-dynamodb';
import { systemClock } from '@tranquility-js/core/internal';
import { expect, it } from 'vitest';
import { leasesProblem } from '../src/aws/problems.js';
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
