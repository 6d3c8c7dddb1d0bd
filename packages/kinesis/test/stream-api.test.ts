import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { StreamApi } from '../src/source/stream-api.js';

it.each([
  ['eu-west-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
])('a stream of another account in %s is named in the partition %s', async (region, partition) => {
  const inputs: object[] = [];
  const client = {
    config: { region: () => Promise.resolve(region) },
    send: ({ input }: { readonly input: object }) => {
      inputs.push(input);
      return Promise.resolve({});
    },
  } as unknown as KinesisClient;
  await new StreamApi(client, '123456789012').stream('clicks', new AbortController().signal);
  expect(inputs).toEqual([{ StreamARN: `arn:${partition}:kinesis:${region}:123456789012:stream/clicks` }]);
});
