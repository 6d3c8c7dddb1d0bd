import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { kinesisClient } from '../src/aws/clients.js';
import type { ClientValues } from '../src/config/read-plan.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

const credentials = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

it.each([[undefined], ['theirs']])('the role that is set is assumed, with the external id %s', async (externalId) => {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(new URLSearchParams(body));
      response.setHeader('content-type', 'text/xml').end(credentials);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIABASE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'base');
  const arn = 'arn:aws:iam::123456789012:role/reader';
  const values = { 'kinesis.region': 'eu-west-1', 'kinesis.role.arn': arn, 'kinesis.role.externalId': externalId };
  const client = await kinesisClient(values as ClientValues, {});
  try {
    expect(await client.config.credentials()).toMatchObject({ accessKeyId: 'ASIAROLE', sessionToken: 'token' });
    expect(asked.map((one) => [one.get('Action'), one.get('RoleArn'), one.get('ExternalId')])).toEqual([
      ['AssumeRole', arn, externalId ?? null],
    ]);
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
});
