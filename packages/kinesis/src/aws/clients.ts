import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type * as DynamoDB from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { TranquilityError } from '@tranquility-js/core';
import type { ClientValues } from '../config/read-plan.js';

/** What clients of AWS's take besides: credentials, handlers, whatever their packages know. */
export interface AwsHooks {
  readonly kinesis?: KinesisClientConfig;
  readonly dynamodb?: DynamoDBClientConfig;
}

/** How long Kinesis may take to answer, in milliseconds: one that hangs would hold its shard up for ever. */
const answerMillis = 30_000;
const timeouts = (millis: number): { connectionTimeout: number; requestTimeout: number; socketTimeout: number } => ({
  ...{ connectionTimeout: millis, requestTimeout: millis, socketTimeout: millis },
});

/**
 * A client for the streams. We try again by ourselves, so that it is counted and told.
 * @throws (as a rejection) TRQ_KINESIS_MISSING when a role is to be assumed and the package for it is not installed.
 */
export async function kinesisClient(values: ClientValues, { kinesis }: AwsHooks): Promise<KinesisClient> {
  const endpoint = values['kinesis.endpoint'];
  const isPlain = endpoint?.startsWith('http://') === true;
  return new KinesisClient({
    ...regionOf(values),
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: isPlain
      ? new NodeHttpHandler({ ...timeouts(answerMillis), throwOnRequestTimeout: true })
      : // As the SDK has it, and with an end.
        { requestTimeout: answerMillis, disableConcurrentStreams: true },
    ...(await roleOf(values)),
    maxAttempts: 1,
    ...kinesis,
  });
}

/**
 * A client for the table of leases, and its package, which is loaded only where it is needed. It tries once: a silent table must not hold up
 * signs of life for several times as long as an answer may take.
 * @param millis how long DynamoDB may take to answer.
 * @throws (as a rejection) TRQ_KINESIS_MISSING when the package is not installed.
 */
export async function dynamoDBClient(
  values: ClientValues,
  { dynamodb }: AwsHooks,
  millis: number,
): Promise<{ readonly sdk: typeof DynamoDB; readonly client: DynamoDB.DynamoDBClient }> {
  const sdk = await optional<typeof DynamoDB>(
    () => import('@aws-sdk/client-dynamodb'),
    '@aws-sdk/client-dynamodb',
    'Leases are in DynamoDB',
  );
  const endpoint = values['kinesis.leases.endpoint'];
  const client = new sdk.DynamoDBClient({
    requestHandler: { ...timeouts(millis), throwOnRequestTimeout: true },
    ...regionOf(values),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 1,
    ...dynamodb,
  });
  return { sdk, client };
}

function regionOf(values: ClientValues): { region?: string } {
  const region = values['kinesis.region'];
  return region === undefined ? {} : { region };
}

async function roleOf(values: ClientValues): Promise<Pick<KinesisClientConfig, 'credentials'>> {
  const arn = values['kinesis.role.arn'];
  if (arn === undefined) return {};
  const { fromTemporaryCredentials } = await optional(
    () => import('@aws-sdk/credential-providers'),
    '@aws-sdk/credential-providers',
    'kinesis.role.arn is set',
  );
  const externalId = values['kinesis.role.externalId'];
  const params = { RoleArn: arn, ...(externalId === undefined ? {} : { ExternalId: externalId }) };
  return { credentials: fromTemporaryCredentials({ params: { ...params, RoleSessionName: 'tranquility' } }) };
}

async function optional<T>(load: () => Promise<T>, name: string, why: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new TranquilityError(
      'TRQ_KINESIS_MISSING',
      `${why}, and the package ${name} is not installed. Install it beside the connector: npm install ${name}`,
      { cause: error, details: { package: name } },
    );
  }
}
