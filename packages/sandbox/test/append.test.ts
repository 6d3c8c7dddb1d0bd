import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { appendSuite, appendTask } from '@tranquility-js/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../src/index.js';
import { get, post, sandboxOf } from './support/sandboxes.js';

describe('the sandbox as a Druid 33', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ version: '33.0.0' });
  });
  afterAll(() => sandbox.close());

  appendSuite(() => ({
    overlord: sandbox.url,
    router: sandbox.url,
    pass: (millis) => sleep(millis),
    killTask: (id) => sandbox.killTask(id),
    patience: 5_000,
  }));
});

describe('an append task', () => {
  async function ended(sandbox: Sandbox, id: string): Promise<unknown> {
    while (sandbox.tasks.some((task) => task.id === id && task.status === 'RUNNING')) await sleep(1);
    return ((await get(sandbox, `/druid/indexer/v1/task/${id}/status`))[1] as { status: unknown }).status;
  }

  it('reads over HTTP, packed or not', async () => {
    const sandbox = await sandboxOf();
    await using server = await serve({
      '/rows.json': '{"t":"2026-01-01T00:00:00Z","d":"a"}\n{"t":"2026-01-01T00:00:00Z","d":"b"}',
      '/rows.json.gz': gzipSync('{"t":"2026-01-01T01:00:00Z","d":"c"}\n'),
    });
    const uris = ['/rows.json', '/rows.json.gz'].map((path) => `${server.url}${path}`);
    await post(
      sandbox,
      '/druid/indexer/v1/task',
      appendTask({ id: 'a', dataSource: 'read', inputSource: { type: 'http', uris } }),
    );
    expect(await ended(sandbox, 'a')).toMatchObject({ statusCode: 'SUCCESS' });
    expect(await sandbox.sql('SELECT d FROM "read" ORDER BY 1')).toEqual([{ d: 'a' }, { d: 'b' }, { d: 'c' }]);
  });

  it('publishes nothing when a part cannot be read', async () => {
    const sandbox = await sandboxOf();
    await using server = await serve({ '/rows.json': '{"t":"2026-01-01T00:00:00Z","d":"a"}\n' });
    const uris = ['/rows.json', '/gone.json'].map((path) => `${server.url}${path}`);
    await post(
      sandbox,
      '/druid/indexer/v1/task',
      appendTask({ id: 'a', dataSource: 'read', inputSource: { type: 'http', uris } }),
    );
    expect(await ended(sandbox, 'a')).toMatchObject({
      statusCode: 'FAILED',
      errorMsg: `Server returned HTTP response code: 404 for URL: ${server.url}/gone.json`,
    });
    await expect(sandbox.sql('SELECT * FROM "read"')).rejects.toThrow("Object 'read' not found");
  });

  it('publishes nothing when a segment would end beyond the last time there is', async () => {
    const sandbox = await sandboxOf();
    const data = '{"t":"2026-01-01T00:00:00Z","d":"a"}\n{"t":8640000000000000,"d":"b"}';
    const task = appendTask({ id: 'a', dataSource: 'last', inputSource: { type: 'inline', data } });
    await post(sandbox, '/druid/indexer/v1/task', task);
    expect(await ended(sandbox, 'a')).toMatchObject({ statusCode: 'FAILED', errorMsg: 'Invalid time value' });
    await expect(sandbox.sql('SELECT * FROM "last"')).rejects.toThrow("Object 'last' not found");
  });

  it('waits while a realtime task writes to the same hour, and can be ended meanwhile', async () => {
    const sandbox = await sandboxOf();
    const now = Date.now();
    const realtime = {
      type: 'index_realtime',
      id: 'r',
      spec: {
        dataSchema: {
          dataSource: 'both',
          parser: { type: 'map', parseSpec: { format: 'json', timestampSpec: { column: 't' }, dimensionsSpec: {} } },
          metricsSpec: [{ type: 'count', name: 'count' }],
          granularitySpec: { segmentGranularity: 'HOUR' },
        },
        ioConfig: { type: 'realtime', firehose: { type: 'receiver', serviceName: 'both' } },
        tuningConfig: { rejectionPolicy: { type: 'none' } },
      },
    };
    await post(sandbox, '/druid/indexer/v1/task', realtime);
    const { status } = (await get(sandbox, '/druid/indexer/v1/task/r/status'))[1] as {
      status: { location: { port: number } };
    };
    const chat = `http://127.0.0.1:${status.location.port}/druid/worker/v1/chat/both`;
    const headers = { 'content-type': 'application/json' };
    await fetch(`${chat}/push-events`, { method: 'POST', headers, body: JSON.stringify([{ t: now, d: 'live' }]) });

    const data = JSON.stringify({ t: now, d: 'late' });
    for (const id of ['a', 'b']) {
      await post(
        sandbox,
        '/druid/indexer/v1/task',
        appendTask({ id, dataSource: 'both', inputSource: { type: 'inline', data } }),
      );
    }
    await sleep(60);
    expect(sandbox.tasks.map((task) => task.status)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
    await post(sandbox, '/druid/indexer/v1/task/b/shutdown');
    await fetch(`${chat}/shutdown`, { method: 'POST' });
    expect(await ended(sandbox, 'a')).toMatchObject({ statusCode: 'SUCCESS' });
    expect(await ended(sandbox, 'b')).toMatchObject({ statusCode: 'FAILED' });
    expect(await sandbox.sql('SELECT d FROM "both" ORDER BY 1')).toEqual([{ d: 'late' }, { d: 'live' }]);
  });

  it.each([
    ['replaces nothing', { ioConfig: { appendToExisting: false } }],
    ['reads no inputFormat "csv"', { ioConfig: { inputFormat: { type: 'csv' } } }],
    ['reads no inputSource "s3"', { inputSource: { type: 's3' } }],
    ['has no partitionsSpec "hashed"', { tuningConfig: { partitionsSpec: { type: 'hashed' } } }],
    ['does not flatten', { ioConfig: { inputFormat: { type: 'json', flattenSpec: { fields: ['x'] } } } }],
  ])('that the sandbox cannot do is refused: it %s', async (words, parts) => {
    const sandbox = await sandboxOf();
    const inputSource = { type: 'inline', data: '{}' };
    const [status, answer] = await post(
      sandbox,
      '/druid/indexer/v1/task',
      appendTask({ id: 'a', dataSource: 'x', inputSource, ...parts }),
    );
    expect([status, (answer as { error: string }).error]).toEqual([501, expect.stringContaining(words)]);
  });
});

async function serve(files: Record<string, string | Buffer>): Promise<{ url: string } & AsyncDisposable> {
  const server: Server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
