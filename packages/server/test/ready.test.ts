import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '@tranquility-js/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServer, type Server } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config, spec } from './support/clicks.js';

/** Where nobody listens. */
const nowhere = 'http://127.0.0.1:9';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ready-'));
});
afterEach(() => rm(directory, { recursive: true, maxRetries: 20, retryDelay: 50 }));

interface Ready {
  readonly status: number;
  readonly reasons: readonly string[];
}

async function readyOf({ urls: [url] }: Server): Promise<Ready> {
  const response = await fetch(`${url}/ready`);
  const { reasons = [] } = (await response.json()) as { reasons?: string[] };
  return { status: response.status, reasons };
}

interface Status {
  readonly ready: boolean;
  readonly problems: readonly string[];
  readonly dataSources: readonly { readonly dataSource: string; readonly laneReason: string | null }[];
}

const statusOf = async ({ urls: [url] }: Server): Promise<Status> =>
  (await (await fetch(`${url}/v1/status`)).json()) as Status;

const statusOfPost = async ({ urls: [url] }: Server, dataSource = 'clicks'): Promise<number> =>
  (await post(`${url}/v1/post/${dataSource}`, click('a'))).status;

const isReady: Ready = { status: 200, reasons: [] };

describe('with Druid away, ready is', () => {
  const journal = (): object => ({
    ...{ 'journal.directory': join(directory, 'journal'), 'journal.minFreeBytes': 0 },
    'http.stopTimeout': 'PT0.1S',
    ...{ 'pull.endpoint.port': 0, 'append.endpoint.port': 0 },
  });

  it.each([
    ['a journal before the lane realtime', { 'realtime.journal': true, 'tranquility.lane': 'realtime' }],
    ['that journal, before the lane is known', { 'realtime.journal': true }],
    ['the lane append', { 'tranquility.lane': 'append' }],
    ['the lane pull', { 'tranquility.lane': 'pull' }],
  ])('%s: POSTs are answered 200', async (_, properties) => {
    await using server = await createServer({ config: config(nowhere, { ...journal(), ...properties }) });
    expect(await readyOf(server)).toEqual(isReady);
    expect(await statusOfPost(server)).toBe(200);
    const { ready, problems } = await statusOf(server);
    expect([ready, problems]).toEqual([true, [expect.stringMatching(/^clicks, web: No overlord answered/)]]);
  });

  it.each([
    ['the lane realtime alone', { 'tranquility.lane': 'realtime' }],
    ['a lane that is not known', {}],
    ['events that are answered when published', { 'tranquility.lane': 'append', 'append.acknowledge': 'published' }],
  ])('not %s', async (_, properties) => {
    const given = config(nowhere, { ...journal(), 'http.answerTimeout': 'PT0.5S', ...properties });
    await using server = await createServer({ config: given });
    const reasons = [expect.stringMatching(/^clicks, web: No overlord answered/) as string];
    expect(await readyOf(server)).toEqual({ status: 503, reasons });
    expect(await statusOfPost(server)).toBe(503);
  });
});

it('is told in time though Druid takes connections and answers nothing', async () => {
  const druid = createTcpServer().listen(0, '127.0.0.1');
  await once(druid, 'listening');
  const url = `http://127.0.0.1:${(druid.address() as AddressInfo).port}`;
  const properties = { 'journal.directory': join(directory, 'journal'), 'pull.endpoint.port': 0 };
  const given = { ...properties, 'journal.minFreeBytes': 0, 'http.stopTimeout': 'PT0.1S' };
  await using waiting = await createServer({ config: config(url, given) });
  await using pulling = await createServer({ config: config(url, { ...given, 'tranquility.lane': 'pull' }) });
  const reason = expect.stringMatching(/^clicks, web: No overlord answered.* within 4 s/) as string;
  const [ready, pullReady, { problems }] = await Promise.all([readyOf(waiting), readyOf(pulling), statusOf(pulling)]);
  expect([ready, pullReady, problems]).toEqual([{ status: 503, reasons: [reason] }, isReady, [reason]]);
  druid.close();
});

it('is not ready where Druid refuses to read', async () => {
  await using sandbox = await startSandbox({ version: '33.0.0', kafkaExtension: false });
  const properties = { 'tranquility.lane': 'pull', 'journal.directory': join(directory, 'journal') };
  const given = config(sandbox.url, { ...properties, 'pull.endpoint.port': 0, 'http.stopTimeout': 'PT0.1S' });
  await using server = await createServer({ config: given });
  const { status, reasons } = await readyOf(server);
  expect([status, reasons]).toEqual([503, [expect.stringMatching(/^clicks, web: .*extension/)]]);
  expect(await statusOfPost(server)).toBe(500);
});

it('tells which dataSources need a Druid that is away, and all that another says of its own', async () => {
  await using sandbox = await startSandbox();
  const properties = { 'http.port': 0, 'http.stopTimeout': 'PT0.1S', 'http.answerTimeout': 'PT0.5S' };
  await using server = await createServer({
    config: {
      dataSources: [
        { spec: spec('clicks'), properties: { 'druid.overlord.urls': sandbox.url } },
        { spec: spec('web'), properties: { 'druid.overlord.urls': nowhere } },
      ],
      properties,
    },
  });
  const reasons = [expect.stringMatching(/^web: No overlord answered/) as string];
  expect(await readyOf(server)).toEqual({ status: 503, reasons });
  const { problems, dataSources } = await statusOf(server);
  expect(problems).toEqual(reasons);
  expect(dataSources).toMatchObject([
    { dataSource: 'clicks', laneReason: expect.stringContaining('has realtime tasks') as string },
    { dataSource: 'web', laneReason: null },
  ]);
  expect(await statusOfPost(server)).toBe(200);
});
