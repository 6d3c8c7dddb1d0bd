import type { Finding, StatusReport } from '@tranquility-js/core';
import { afterAll, describe, expect, it } from 'vitest';
import { endpoints, pushWithPeer, zookeeper } from '../src/cluster.js';
import { tranquility } from '../src/command.js';
import { tasksOf } from '../src/druid.js';
import { configFile, configOf } from '../src/config.js';
import { Push } from '../src/push.js';

const hour = 3_600_000;
const parts = { segmentGranularity: 'HOUR', windowPeriod: 'PT10M' };
const fourTasks = { 'task.partitions': '2', 'task.replicants': '2' };
const patient = ['--timeout', '60'];

async function probe(config: string, ...args: string[]): Promise<{ code: number; findings: readonly Finding[] }> {
  const { code, stdout } = await tranquility(
    'validate',
    '--probe',
    '--json',
    '-configFile',
    config,
    ...patient,
    ...args,
  );
  const { probe: findings } = JSON.parse(stdout) as { probe: readonly Finding[] };
  return { code, findings };
}

async function statusOf(config: string): Promise<StatusReport> {
  const { code, stdout, stderr } = await tranquility('status', '--json', '-configFile', config, ...patient);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as StatusReport;
}

describe('validate --probe', () => {
  it('finds Druid 28, and room for the tasks', async () => {
    const config = await configFile('probed', { ...parts, properties: fourTasks });
    const { overlord, router } = endpoints();
    const { code, findings } = await probe(config, '--set', `druid.overlord.urls=${overlord},${router}`);
    expect(findings.map(({ check, status }) => `${status} ${check}`)).toEqual(
      ['overlord', 'overlord', 'leader', 'auth', 'version', 'capacity'].map((check) => `ok ${check}`),
    );
    expect(findings.map(({ message }) => message)).toContain('Druid 28.0.0 takes realtime tasks.');
    expect(findings.at(-1)?.message).toMatch(/^Up to 8 slots are needed .*; 2 workers have 20 slots/);
    expect(code).toBe(0);
    expect([...(await tasksOf('probed'))]).toEqual([]);
  });

  it('finds the overlord through ZooKeeper, where the state can be written', async () => {
    const properties = { 'druid.overlord.urls': null, 'zookeeper.connect': zookeeper() };
    const { code, findings } = await probe(await configFile('probed-zk', { ...parts, properties }));
    expect(code).toBe(0);
    expect(findings.map(({ check }) => check)).toEqual([
      ...['zookeeper', 'state', 'overlord', 'leader', 'auth', 'version', 'capacity'],
    ]);
    expect(findings[1]?.message).toBe(
      '/tranquility/beams/druid:overlord/probed-zk can be written; it holds 0 segments.',
    );
  });

  it('warns of too few slots, and of more replicas than workers', async () => {
    const { code, findings } = await probe(
      await configFile('many', parts),
      '--set',
      'task.replicants=3',
      '--set',
      'task.partitions=4',
    );
    expect(code).toBe(0);
    const warnings = findings.filter(({ status }) => status === 'warning');
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Up to 24 slots are needed .*; 2 workers have 20 slots/),
      'many has 3 replicants, which run on different workers, and there are 2 workers.',
    ]);
  });

  it.each([
    ['nobody', 'http://127.0.0.1:1', /does not answer: .*ECONNREFUSED/],
    ['a broker', undefined, /does not answer as an overlord does: 404/],
    ['ZooKeeper', 'http://ZOOKEEPER', /does not answer/],
  ])('fails at the address of %s', async (_, url, message) => {
    const wrong = (url ?? endpoints().broker).replace('ZOOKEEPER', zookeeper());
    const { code, findings } = await probe(
      await configFile('lost', parts),
      '--timeout',
      '3',
      '--set',
      `druid.overlord.urls=${wrong}`,
    );
    expect(code).toBe(1);
    expect(findings[0]).toMatchObject({ check: 'overlord', status: 'failure' });
    expect(findings[0]?.message).toMatch(message);
  });

  it('fails at a path in ZooKeeper that does not exist', async () => {
    const config = await configFile('rootless', {
      ...parts,
      properties: { 'zookeeper.connect': `${zookeeper()}/no/such` },
    });
    const { code, findings } = await probe(config);
    expect(code).toBe(1);
    expect(findings[0]?.message).toMatch(/The path at the end of .*\/no\/such does not exist in ZooKeeper/);
  });
});

describe('status', () => {
  const pushed: string[] = [];

  // Their tasks would hold slots that later suites need.
  afterAll(async () => {
    for (const dataSource of pushed) {
      for (const id of (await tasksOf(dataSource)).keys()) {
        await fetch(`${endpoints().overlord}/druid/indexer/v1/task/${encodeURIComponent(id)}/shutdown`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        });
      }
    }
  });

  it.each([
    ['the overlord alone', 'status-overlord', () => ({})],
    ['ZooKeeper', 'status-zookeeper', () => ({ 'druid.overlord.urls': null, 'zookeeper.connect': zookeeper() })],
  ])('shows four tasks of two partitions and two replicas, coordinated through %s', async (_, dataSource, way) => {
    const config = await configFile(dataSource, { ...parts, properties: { ...fourTasks, ...way() } });
    expect((await statusOf(config)).dataSources).toMatchObject([{ dataSource, tasks: [] }]);
    const none = await tranquility('status', '-configFile', config, ...patient);
    expect(none.stdout).toMatch(new RegExp(`^${dataSource}\n(  .*\n)*  no tasks\n`));

    pushed.push(dataSource);
    const time = new Date().toISOString();
    const lines = Array.from(
      { length: 200 },
      (_, index) => `${JSON.stringify({ time, origin: `o${index}`, destination: 'x' })}\n`,
    );
    const result = await new Push(['-configFile', config], lines).result();
    expect(result).toMatchObject({ code: 0, summary: { sent: 200 } });

    const { dataSources, workers, problems } = await statusOf(config);
    expect(problems).toEqual([]);
    const [flow] = dataSources;
    const start = new Date(Date.parse(time) - (Date.parse(time) % hour)).toISOString();
    const end = new Date(Date.parse(start) + hour).toISOString();
    expect(flow?.tasks.map(({ id }) => id)).toEqual(
      ['0_0', '0_1', '1_0', '1_1'].map((place) => `index_realtime_${dataSource}_${start}_${place}`),
    );
    for (const task of flow?.tasks ?? []) {
      expect(task).toMatchObject({ interval: `${start}/${end}`, generation: 0, state: 'RUNNING', error: null });
      expect(task.location).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    }
    expect(workers).toHaveLength(2);
    for (const worker of workers) {
      expect(worker).toMatchObject({ capacity: 10, enabled: true });
      expect(worker.used).toBeGreaterThanOrEqual(2);
    }
    expect(flow?.state?.segments ?? null).toEqual(
      dataSource === 'status-overlord'
        ? null
        : [{ interval: `${start}/${end}`, partitions: 2, tasks: flow?.tasks.map(({ id }) => id), closed: false }],
    );

    const { stdout } = await tranquility('status', '-configFile', config, ...patient);
    for (const { location } of flow?.tasks ?? []) expect(stdout).toContain(`RUNNING  ${String(location)}\n`);
    expect(stdout).toMatch(/workers: \d+ of 20 slots used/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('shows the tasks of a JVM Tranquility', async () => {
    const dataSource = 'status-jvm';
    pushed.push(dataSource);
    const properties = { 'zookeeper.connect': zookeeper() };
    const events = [{ time: new Date().toISOString(), origin: 'SFO', destination: 'JFK', delay: 1, distance: 2 }];
    const sent = await pushWithPeer({ config: configOf(dataSource, { ...parts, properties }), dataSource, events });
    expect(sent).toMatchObject({ sent: 1 });
    const [flow] = (await statusOf(await configFile(dataSource, { ...parts, properties }))).dataSources;
    expect(flow?.tasks).toMatchObject([{ partition: 0, replicant: 0, generation: 0, state: 'RUNNING' }]);
    expect(flow?.state?.segments).toMatchObject([{ partitions: 1, tasks: [flow?.tasks[0]?.id], closed: false }]);
  });
});
