import { aMinute } from '@tranquility-js/conformance';
import { consumerProperties, Endpoint, Secret } from '@tranquility-js/core/internal';
import { MemoryLog } from '@tranquility-js/scripted-druid';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../src/index.js';
import { dataSource, pulled, until } from './support/pulled.js';
import { get, post, sandboxOf } from './support/sandboxes.js';

const root = '/druid/indexer/v1/supervisor';
const start = '2026-03-05T10:20:00Z';

/** A supervisor with parts of its ioConfig changed. */
const spec = (io: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'kafka',
  spec: {
    dataSchema: {
      dataSource,
      timestampSpec: { column: 'time', format: 'auto' },
      dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'n' }] },
      metricsSpec: [],
      granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false },
    },
    ioConfig: {
      topic: dataSource,
      consumerProperties: { 'bootstrap.servers': '127.0.0.1:1' },
      inputFormat: { type: 'json' },
      ...{ startDelay: 'PT0S', period: 'PT2S', useEarliestOffset: true },
      ...io,
    },
    tuningConfig: { type: 'kafka', ...more },
  },
});

describe('a task that reads', () => {
  it('publishes when its time is over, and another reads on', async () => {
    const clock = new ManualClock(start);
    const { lane, rows, arrived, sandbox, payload } = await pulled({ clock }, { partitions: 2, taskCount: 2 });
    await lane.supervisor(['page']).ensure(aMinute());
    await rows.append(3_000);
    expect(await arrived()).toEqual(rows.expected);
    const segmentsPath = `/druid/coordinator/v1/metadata/datasources/${dataSource}/segments`;
    expect(await get(sandbox, segmentsPath)).toEqual([200, []]);
    const before = await until(payload, ({ activeTasks }) => activeTasks.length === 2);
    const ends = before.activeTasks.map(({ currentOffsets }) => currentOffsets);
    clock.advance(3_600_000);
    const after = await until(payload, ({ activeTasks }) =>
      activeTasks.every(({ id }) => !before.activeTasks.some((task) => task.id === id)),
    );
    expect(after.activeTasks.map(({ startingOffsets }) => startingOffsets)).toEqual(ends);
    await until(
      () => sandbox.tasks.filter(({ status }) => status === 'SUCCESS').length,
      (done) => done === 2,
    );
    expect((await get(sandbox, segmentsPath))[1]).toHaveLength(2);
    await rows.append(3_000);
    expect(await arrived()).toEqual(rows.expected);
  });

  it('that is killed loses what it had not published, and another reads it again', async () => {
    const clock = new ManualClock(start);
    const { lane, rows, arrived, found, sandbox, running, act } = await pulled({ clock });
    await lane.supervisor(['page']).ensure(aMinute());
    await rows.append(2_000);
    expect(await arrived()).toEqual(rows.expected);
    const published = rows.expected;
    await act('taskGroups/handoff', { taskGroupIds: [0] });
    await rows.append(500);
    clock.advance(2_000);
    expect(await arrived()).toEqual(rows.expected);
    const [reader = ''] = running();
    clock.advance(0);
    await sandbox.killTask(reader, { noticeMillis: 10_000 });
    expect(await found()).toEqual(published);
    clock.advance(10_000);
    expect(await arrived()).toEqual(rows.expected);
    expect(sandbox.tasks.find(({ id }) => id === reader)).toMatchObject({ type: 'index_kafka', status: 'FAILED' });
  });

  it('that is killed when it has published takes nothing with it', async () => {
    const clock = new ManualClock(start);
    const { lane, rows, arrived, sandbox, running, act, payload } = await pulled({ clock, handoffMillis: 60_000 });
    await lane.supervisor(['page']).ensure(aMinute());
    await rows.append(1_000);
    expect(await arrived()).toEqual(rows.expected);
    const [publisher = ''] = running();
    await act('taskGroups/handoff', { taskGroupIds: [0] });
    const { publishingTasks } = await payload();
    expect(publishingTasks.map(({ id }) => id)).toEqual([publisher]);
    await sandbox.killTask(publisher);
    clock.advance(2_000);
    await rows.append(1_000);
    expect(await arrived()).toEqual(rows.expected);
  });

  it('has replicas, which count once, on workers of their own, and which one may lose', async () => {
    const { lane, rows, arrived, sandbox, running, act } = await pulled({}, { replicas: 2 });
    await lane.supervisor(['page']).ensure(aMinute());
    await rows.append(2_000);
    expect(await arrived()).toEqual(rows.expected);
    const [first = '', second = ''] = await until(running, (tasks) => tasks.length === 2);
    expect(second).not.toBe('');
    await until(
      async () => (await get(sandbox, `${root}/${dataSource}/status`))[1],
      (status) => JSON.stringify(status).split(`"currentOffsets"`).length === 3,
    );
    await sandbox.killTask(first);
    expect(await arrived()).toEqual(rows.expected);
    await rows.append(2_000);
    await act('suspend');
    await until(running, (tasks) => tasks.length === 0);
    await act('resume');
    expect(await arrived()).toEqual(rows.expected);
  });

  it('of less than a minute fails, as in Druid 33', async () => {
    const { sandbox, lane } = await pulled();
    const servers = `127.0.0.1:${lane.endpoint.port}`;
    const posted = spec({ taskDuration: 'PT59S', consumerProperties: { 'bootstrap.servers': servers } });
    expect(await post(sandbox, root, posted)).toEqual([200, { id: dataSource }]);
    const [task] = await until(
      () => sandbox.tasks,
      ([first]) => first?.status === 'FAILED',
    );
    const [, answer] = await get(sandbox, `/druid/indexer/v1/task/${task?.id ?? ''}/status`);
    expect(answer).toMatchObject({ status: { errorMsg: 'java.lang.IllegalArgumentException: null' } });
  });

  it('leaves out what it cannot read, and fails when that is too much', async () => {
    const { sandbox, lane, rows, found } = await pulled();
    const servers = { 'bootstrap.servers': `127.0.0.1:${lane.endpoint.port}` };
    await rows.append(2, { time: 'yesterday' });
    const posted = spec({ consumerProperties: servers }, { maxParseExceptions: 1 });
    await post(sandbox, root, posted);
    const [task] = await until(
      () => sandbox.tasks,
      ([first]) => first?.status === 'FAILED',
    );
    const [, answer] = await get(sandbox, `/druid/indexer/v1/task/${task?.id ?? ''}/status`);
    expect(answer).toMatchObject({ status: { errorMsg: 'Max parse exceptions exceeded, terminating task...' } });
    await post(sandbox, root, spec({ consumerProperties: servers }));
    await rows.append(3);
    await until(
      () => sandbox.sql(`SELECT COUNT(*) AS c FROM ${dataSource}`).catch(() => []),
      ([row]) => row?.['c'] === 3,
    );
    expect(await found()).toEqual({ rows: 3, sum: 2 + 3 + 4 });
  });
});

describe('a supervisor', () => {
  it('reads each row once through whatever happens', { timeout: 120_000 }, async () => {
    const { lane, rows, arrived, sandbox, running, act } = await pulled({}, { partitions: 2, taskCount: 2 });
    const dimensions = ['page', 'user', 'other'];
    let known = 1;
    const events: Record<string, () => Promise<unknown>> = {
      kill: async () => {
        const [task] = running();
        if (task !== undefined) await sandbox.killTask(task);
      },
      handoff: () => act('taskGroups/handoff', { taskGroupIds: [0, 1] }),
      restart: () => lane.restart(() => rows.append(100)),
      suspend: () => act('suspend'),
      resume: () => act('resume'),
      terminate: () => act('terminate'),
      create: () => lane.supervisor(dimensions.slice(0, known)).ensure(aMinute()),
      schema: () => lane.supervisor(dimensions.slice(0, (known = 1 + (known % 3)))).ensure(aMinute()),
    };
    await events['create']?.();
    const order = [
      ...['kill', 'handoff', 'kill', 'suspend', 'resume', 'kill', 'schema', 'kill', 'restart', 'schema', 'schema'],
      ...['terminate', 'create', 'handoff', 'handoff', 'restart', 'suspend', 'schema', 'resume', 'terminate', 'create'],
      ...[
        'schema',
        'suspend',
        'resume',
        'suspend',
        'resume',
        'kill',
        'kill',
        'handoff',
        'terminate',
        'create',
        'schema',
      ],
    ];
    for (const [index, name] of order.entries()) {
      await rows.append(200 + 37 * index, {}, 50);
      await events[name]?.();
      const reads = name !== 'suspend' && name !== 'terminate';
      if (index % 4 === 3 && reads) expect(await arrived(), `after ${name} ${index}`).toEqual(rows.expected);
    }
    expect(await arrived()).toEqual(rows.expected);
    await act('suspend');
    await until(running, (tasks) => tasks.length === 0);
    expect(await arrived()).toEqual(rows.expected);
  });

  it('begins at the end where it shall not begin at the beginning', async () => {
    const { sandbox, lane, rows, found, payload } = await pulled();
    await rows.append(10);
    const servers = `127.0.0.1:${lane.endpoint.port}`;
    await post(sandbox, root, spec({ useEarliestOffset: false, consumerProperties: { 'bootstrap.servers': servers } }));
    await until(payload, ({ activeTasks }) => activeTasks.length === 1);
    await rows.append(3);
    const tally = await until(found, (each) => each.rows === 3);
    expect(tally).toEqual({ rows: 3, sum: 10 + 11 + 12 });
  });

  it('reset reads all again, from the beginning', async () => {
    const { lane, rows, arrived, act, running } = await pulled();
    await lane.supervisor(['page']).ensure(aMinute());
    await rows.append(10);
    expect(await arrived()).toEqual(rows.expected);
    const [before] = running();
    expect(await act('reset')).toEqual([200, { id: dataSource }]);
    await until(running, ([task]) => task !== undefined && task !== before);
    expect(await arrived()).toEqual(rows.expected);
  });

  it('says when it cannot reach its stream, and goes on when it can', async () => {
    const { sandbox, lane, rows, arrived, payload } = await pulled();
    const { port } = lane.endpoint;
    await lane.restart(async () => {
      const consumerProperties = { 'bootstrap.servers': `127.0.0.1:${port}`, 'default.api.timeout.ms': '0' };
      await post(sandbox, root, spec({ consumerProperties, period: 'PT1S' }));
      const ill = await until(payload, ({ healthy }) => !healthy);
      expect(ill).toMatchObject({ state: 'UNHEALTHY_SUPERVISOR', detailedState: 'UNABLE_TO_CONNECT_TO_STREAM' });
      expect(ill.recentErrors[0]).toMatchObject({
        message: expect.stringContaining('Timeout expired while fetching topic metadata') as string,
        streamException: true,
      });
      expect((await get(sandbox, `${root}/${dataSource}/health`))[0]).toBe(503);
      await rows.append(10);
    });
    expect(await arrived()).toEqual(rows.expected);
    expect(await until(payload, ({ healthy }) => healthy)).toMatchObject({ state: 'RUNNING' });
  });

  it('is listed as it was posted', async () => {
    const sandbox = await sandboxOf();
    const posted = { ...spec({}), suspended: true, context: { a: 1 } };
    await post(sandbox, root, posted);
    expect(await get(sandbox, root)).toEqual([200, [dataSource]]);
    expect(await get(sandbox, `${root}/${dataSource}`)).toEqual([200, { ...posted.spec, ...posted }]);
    expect(await get(sandbox, `${root}?full`)).toMatchObject([
      200,
      [{ id: dataSource, suspended: true, healthy: true, spec: posted }],
    ]);
  });
});

describe('a reader that logs in', () => {
  it.each(['PLAIN', 'SCRAM-SHA-512'] as const)('with %s', async (mechanism) => {
    const password = new Secret('pässword "quoted"');
    const log = new MemoryLog();
    log.append([JSON.stringify({ time: Date.now(), n: 7 })]);
    const endpoint = await Endpoint.start({
      topics: new Map([[dataSource, [{ leader: 0, log }]]]),
      sasl: { users: new Map([['druid', password]]), mechanisms: [mechanism] },
    });
    try {
      const sandbox = await sandboxOf();
      const access = { nodes: endpoint.nodes, tls: false, sasl: { mechanism, user: 'druid', password } };
      await post(sandbox, root, spec({ consumerProperties: consumerProperties(access) }));
      const seen = await until(
        () => sandbox.sql(`SELECT n FROM ${dataSource}`).catch(() => []),
        (rows) => rows.length > 0,
      );
      expect(seen).toEqual([{ n: 7 }]);
    } finally {
      await endpoint.close();
    }
  });
});

describe('what a supervisor cannot be', () => {
  it.each([
    ['has no topicPattern of a supervisor', spec({ topicPattern: '.*' })],
    ['has no lateMessageRejectionPeriod', spec({ lateMessageRejectionPeriod: 'PT1H' })],
    ['reads no inputFormat "kafka"', spec({ inputFormat: { type: 'kafka' } })],
    ['does not reset offsets by itself', spec({}, { resetOffsetAutomatically: true })],
    ['reads no file of ssl.truststore.location', tls({ 'ssl.truststore.location': '/etc/trust.p12' })],
    [
      'reads ssl.key.password of consumerProperties only where it is a text',
      tls({ 'ssl.key.password': { type: 'x' } }),
    ],
    ['has no sasl.mechanism "GSSAPI"', sasl('GSSAPI')],
    ['has no supervisors of type "autocompact"', { type: 'autocompact' }],
  ])('%s: answered 501', async (words, posted) => {
    const sandbox = await sandboxOf();
    const [status, answer] = await post(sandbox, root, posted);
    expect([status, (answer as { error: string }).error]).toEqual([
      501,
      expect.stringContaining(`The sandbox ${words}`),
    ]);
    expect(await get(sandbox, root)).toEqual([200, []]);
  });

  it.each([
    ['Invalid format: "an hour"', spec({ taskDuration: 'an hour' })],
    ['Either topic or topicPattern must be specified', spec({ topic: undefined })],
    ['consumerProperties must contain entry for [bootstrap.servers]', spec({ consumerProperties: {} })],
    ["Could not resolve type id 'kinesis'", { ...spec({}), type: 'kinesis' }],
  ])('%s: answered 400', async (words, posted) => {
    const sandbox = await sandboxOf();
    const [status, answer] = await post(sandbox, root, posted);
    expect([status, (answer as { error: string }).error]).toEqual([400, expect.stringContaining(words)]);
  });

  it('is told by the engine where Druid does not have the extension', async () => {
    const { sandbox, lane } = await pulled({ kafkaExtension: false });
    expect((await get(sandbox, '/status'))[1]).toMatchObject({ version: '33.0.0', modules: [] });
    await expect(lane.supervisor(['page']).ensure(aMinute())).rejects.toMatchObject({ code: 'TRQ_EXTENSION_MISSING' });
  });

  it('is said in the status of Druid, by its modules', async () => {
    const sandbox = await sandboxOf({ version: '33.0.0' });
    expect((await get(sandbox, '/status'))[1]).toMatchObject({
      modules: [
        {
          name: 'org.apache.druid.indexing.kafka.KafkaIndexTaskModule',
          artifact: 'druid-kafka-indexing-service',
          version: '33.0.0',
        },
      ],
    });
  });
});

function tls(properties: object): object {
  return spec({
    consumerProperties: { 'bootstrap.servers': 'h:1', 'security.protocol': 'SSL', ...properties },
  });
}

function sasl(mechanism: string): object {
  const consumerProperties = {
    'bootstrap.servers': 'h:1',
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': 'x required username="u" password="p";',
  };
  return spec({ consumerProperties });
}
