import { configOf } from '@tranquility-js/conformance';
import { createSender } from '@tranquility-js/core';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../src/index.js';
import { get, post, sandboxOf } from './support/sandboxes.js';

type Json = Record<string, unknown>;

/** An `index_realtime` task with parts of its spec changed. */
function task(parts: { schema?: Json; parser?: Json; firehose?: Json; tuning?: Json } = {}): Json {
  return {
    type: 'index_realtime',
    id: 'task',
    spec: {
      dataSchema: {
        dataSource: 'things',
        parser: {
          type: 'map',
          parseSpec: { format: 'json', timestampSpec: {}, dimensionsSpec: { dimensions: [] } },
          ...parts.parser,
        },
        metricsSpec: [],
        granularitySpec: { segmentGranularity: 'HOUR' },
        ...parts.schema,
      },
      ioConfig: { type: 'realtime', firehose: parts.firehose ?? { type: 'receiver', serviceName: 'things' } },
      tuningConfig: { rejectionPolicy: { type: 'none' }, ...parts.tuning },
    },
  };
}

const metric = (type: string, more: Json = { fieldName: 'x' }): Json => ({
  schema: { metricsSpec: [{ type, name: 'x', ...more }] },
});
const dimensionsSpec = (spec: Json): Json => ({ schema: { dimensionsSpec: spec } });

describe('what the sandbox does not do', () => {
  it.each([
    ['has no aggregator "hyperUnique"', metric('hyperUnique')],
    ['has no aggregator "longSum", or one without a fieldName', metric('longSum', { expression: 'x + 1' })],
    ['does no transforms', { schema: { transformSpec: { transforms: [{ type: 'expression' }] } } }],
    ['does no filters of a transformSpec', { schema: { transformSpec: { filter: { type: 'selector' } } } }],
    ['does not discover schemas', dimensionsSpec({ useSchemaDiscovery: true })],
    ['has no dimension {"type":"json","name":"j"}', dimensionsSpec({ dimensions: [{ type: 'json', name: 'j' }] })],
    ['cannot read timestamps', { schema: { timestampSpec: { column: 't', format: 'qqq' } } }],
    ['cannot cut time so', { schema: { granularitySpec: { segmentGranularity: 'fortnight' } } }],
    ['takes no index_realtime task without a parser of type "map"', { parser: { type: 'string' } }],
    ['has no firehose "fixedCount"', { firehose: { type: 'fixedCount' } }],
    ['has no rejectionPolicy "messageTime"', { tuning: { rejectionPolicy: { type: 'messageTime' } } }],
  ])('%s: answered 501 when the task is submitted', async (words, parts) => {
    const sandbox = await sandboxOf();
    const [status, answer] = await post(sandbox, '/druid/indexer/v1/task', task(parts));
    expect([status, (answer as { error: string }).error]).toEqual([
      501,
      expect.stringContaining(`The sandbox ${words}`),
    ]);
    expect(sandbox.tasks).toEqual([]);
  });

  it('is told by the engine at once, in the words of the sandbox', async () => {
    const sandbox = await sandboxOf();
    const config = configOf({ overlord: sandbox.url, dataSource: 'refused', tuning: { windowPeriod: 'PT1H' } });
    const [{ spec }] = (config as { dataSources: [{ spec: { dataSchema: Json } }] }).dataSources;
    spec.dataSchema['metricsSpec'] = [{ type: 'hyperUnique', name: 'users', fieldName: 'user' }];
    const sender = await createSender({ config });
    const outcome = await sender.send({ time: Date.now(), d: 'x' });
    const error = outcome.status === 'failed' ? outcome.error : undefined;
    expect(error).toMatchObject({ code: 'TRQ_OVERLORD_REFUSED' });
    expect(error?.message).toContain('The sandbox has no aggregator \\"hyperUnique');
    await sender.close();
  });

  it('drops an event alone, in the words of the sandbox, where a list of values is too much for it', async () => {
    const sandbox = await sandboxOf();
    const sender = await createSender({ config: configOf({ overlord: sandbox.url, dataSource: 'lists' }) });
    const time = Date.now();
    const events = [
      { time, d: 'x', n: 1 },
      { time, d: ['x', 'y'], n: 1 },
      { time, d: 'z', n: 1 },
    ];
    expect(await Promise.all(events.map((event) => sender.send(event)))).toMatchObject([
      { status: 'sent' },
      {
        status: 'dropped',
        reason: 'refused',
        message: expect.stringContaining('The sandbox has no dimensions of several values') as string,
      },
      { status: 'sent' },
    ]);
    await sender.close();
  });

  it('is answered 501 or 404 with a clear word', async () => {
    const sandbox = await sandboxOf();
    const path = '/druid/indexer/v1';
    const only =
      'has only spec, status, health, suspend, resume, terminate, reset and taskGroups/handoff of supervisors.';
    expect(await get(sandbox, `${path}/supervisor/x/stats`)).toEqual([501, { error: `The sandbox ${only}` }]);
    expect((await post(sandbox, `${path}/supervisor/x/resetOffsets`))[0]).toBe(501);
    expect(await post(sandbox, `${path}/task`, { type: 'compact' })).toEqual([
      501,
      { error: 'The sandbox runs no tasks of type "compact". It runs index_realtime and index_parallel.' },
    ]);
    expect(await get(sandbox, '/druid/v2/candy')).toEqual([
      404,
      { error: 'The sandbox has nothing at GET /druid/v2/candy.' },
    ]);
  });

  it('takes none of the events when one has a dimension of several values', async () => {
    const sandbox = await sandboxOf();
    await post(
      sandbox,
      '/druid/indexer/v1/task',
      task({ schema: { metricsSpec: [{ type: 'count', name: 'count' }] } }),
    );
    const status = (await get(sandbox, '/druid/indexer/v1/task/task/status'))[1] as {
      status: { location: { port: number } };
    };
    const url = `http://127.0.0.1:${status.status.location.port}/druid/worker/v1/chat/things/push-events`;
    const push = async (rows: unknown) => {
      const body = JSON.stringify(rows);
      const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      return [response.status, await response.text()];
    };
    const good = { timestamp: Date.now(), a: ['one'] };
    expect(await push([good, { ...good, a: ['one', 'two'] }])).toEqual([
      501,
      '{"error":"The sandbox has no dimensions of several values, as \\"a\\" has: [\\"one\\",\\"two\\"]"}',
    ]);
    expect((await push([good]))[0]).toBe(200);
    expect(await sandbox.sql('SELECT a, "count" FROM things')).toEqual([{ a: 'one', count: 1 }]);
  });

  it('reaches no files, and changes nothing', async () => {
    const sandbox = await sandboxOf();
    await expect(sandbox.sql("SELECT * FROM read_csv('/etc/hosts')")).rejects.toThrow(/disabled/);
    const only = 'The sandbox answers one query at a time: SELECT, WITH or EXPLAIN.';
    for (const query of ['DROP SCHEMA storage CASCADE', 'CREATE TABLE x (a INT)', 'SELECT 1; SELECT 2']) {
      await expect(sandbox.sql(query)).rejects.toThrow(only);
    }
  });
});

describe('the versions', () => {
  it.each([
    ['0.23.0', { error: 'Task[task] already exists!' }],
    ['28.0.0', { error: 'Task [task] already exists.' }],
    ['30.0.1', { error: 'druidException', errorCode: 'entryAlreadyExists', errorMessage: 'Task[task] already exists' }],
  ])('%s refuses a second task of an id in its own words', async (version, words) => {
    const sandbox = await sandboxOf({ version });
    expect(await post(sandbox, '/druid/indexer/v1/task', task())).toEqual([200, { task: 'task' }]);
    expect(await post(sandbox, '/druid/indexer/v1/task', task())).toMatchObject([400, words]);
    expect((await get(sandbox, '/status'))[1]).toMatchObject({ version });
  });

  it.each(['31.0.0', '33.0.0', '37.0.0'])('%s knows no index_realtime', async (version) => {
    const sandbox = await sandboxOf({ version });
    const [status, answer] = await post(sandbox, '/druid/indexer/v1/task', task());
    expect([status, answer]).toEqual([
      400,
      { error: expect.stringContaining("Could not resolve type id 'index_realtime' as a subtype of") as string },
    ]);
  });
});

describe('wrong options', () => {
  it('are refused by name', async () => {
    await expect(startSandbox({ port: -1 })).rejects.toThrow("The sandbox's option port is -1");
    await expect(startSandbox({ overlords: 0 })).rejects.toThrow("The sandbox's option overlords is 0");
    await expect(startSandbox({ version: 'new' })).rejects.toThrow('The version "new" is none of Druid');
  });

  it('a port that is taken is told by Node', async () => {
    const sandbox = await sandboxOf();
    await expect(startSandbox({ port: Number(new URL(sandbox.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
