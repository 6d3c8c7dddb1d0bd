import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, taskStatus, type StatusReport } from '../../src/index.js';
import { flights } from '../support/configs.js';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

const hour = 3_600_000;
const now = Math.floor(Date.now() / hour) * hour;
const at = (hours: number): string => new Date(now + hours * hour).toISOString();
const id = (hours: number, place: string): string => `index_realtime_flights_${at(hours)}_${place}`;
const data = '/tranquility/beams/druid:overlord/flights/data';

describe('the report of tasks', () => {
  let druid: ScriptedDruid;
  let zookeeper: ScriptedZooKeeper;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    zookeeper = await ScriptedZooKeeper.start();
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await zookeeper[Symbol.asyncDispose]();
  });

  async function report(properties: Record<string, unknown> = {}, timeout = 20_000): Promise<StatusReport> {
    const config = readConfig(flights({ 'druid.overlord.urls': druid.url, ...properties }));
    return taskStatus([...config.dataSources.values()], { timeout });
  }

  it('says that nothing runs', async () => {
    expect(await report()).toEqual({
      dataSources: [
        {
          dataSource: 'flights',
          lane: { lane: 'realtime', reason: 'Druid 28.0.0 has realtime tasks.' },
          coordination: 'overlord',
          ...{ supervisor: null, journal: null, append: null, tasks: [], state: null },
        },
      ],
      workers: [],
      problems: [],
    });
  });

  it('tells where events wait for realtime tasks', async () => {
    const [flow] = (await report({ 'journal.directory': '/nowhere/journal', 'realtime.journal': true })).dataSources;
    expect(flow?.journal).toEqual({ directory: '/nowhere/journal/realtime', writer: null });
  });

  it('has the tasks in order, ours and those of others by the same names, and no foreign ones', async () => {
    const names = [id(1, '0_0'), id(0, '1_0'), id(0, '0_1_abcdefgh'), id(0, '0_0_r2'), id(0, '0_0')];
    for (const name of [...names, 'index_realtime_flights_2_x', 'index_kafka_flights_1']) druid.addTask({ id: name });
    const waiting = druid.tasks.get(id(1, '0_0'));
    if (waiting !== undefined) waiting.runnerStatus = 'PENDING';
    const [flow] = (await report()).dataSources;
    const interval = `${at(0)}/${at(1)}`;
    const running = { interval, state: 'RUNNING', location: druid.url, error: null };
    expect(flow?.tasks).toEqual([
      { ...running, id: id(0, '0_0'), partition: 0, replicant: 0, generation: 0 },
      { ...running, id: id(0, '0_0_r2'), partition: 0, replicant: 0, generation: 2 },
      { ...running, id: id(0, '0_1_abcdefgh'), partition: 0, replicant: 1, generation: 0 },
      { ...running, id: id(0, '1_0'), partition: 1, replicant: 0, generation: 0 },
      {
        id: id(1, '0_0'),
        interval: `${at(1)}/${at(2)}`,
        partition: 0,
        replicant: 0,
        generation: 0,
        state: 'PENDING',
        location: null,
        error: null,
      },
    ]);
  });

  it('has tasks that failed while their segment takes events, with the reason, and not those of long ago', async () => {
    for (const name of [id(0, '0_0'), id(-9, '0_0')])
      Object.assign(druid.addTask({ id: name }), { status: 'FAILED', errorMsg: 'out of memory' });
    const [flow] = (await report()).dataSources;
    expect(flow?.tasks.map((task) => [task.id, task.state, task.error])).toEqual([
      [id(0, '0_0'), 'FAILED', 'out of memory'],
    ]);
  });

  it('asks an old Druid for lists by state', async () => {
    druid.script = ({ path }) => {
      if (path.includes('/tasks?')) return { status: 404 };
      if (path.endsWith('/waitingTasks')) return { status: 200, body: [{ id: id(0, '2_0') }] };
      if (path.endsWith('/pendingTasks'))
        return { status: 200, body: [{ id: id(0, '1_0') }, { id: 'index_realtime_other_1' }] };
      if (path.endsWith('/runningTasks'))
        return { status: 200, body: [{ id: id(0, '0_0'), location: { host: 'w', port: 8100 } }] };
      return undefined;
    };
    const [flow] = (await report()).dataSources;
    expect(flow?.tasks.map((task) => [task.partition, task.state, task.location])).toEqual([
      [0, 'RUNNING', 'http://w:8100'],
      [1, 'PENDING', null],
      [2, 'WAITING', null],
    ]);
  });

  it('has the workers', async () => {
    druid.workers = [
      { host: 'w2:8091', capacity: 2, tasks: ['a', 'b'] },
      { host: 'w1:8091', capacity: 3, tasks: [], disabled: true },
    ];
    expect((await report()).workers).toEqual([
      { host: 'w1:8091', capacity: 3, used: 0, enabled: false },
      { host: 'w2:8091', capacity: 2, used: 2, enabled: true },
    ]);
  });

  it('has what ZooKeeper says, with what is closed', async () => {
    const entry = (hours: number): object => ({
      interval: `${at(hours)}/${at(hours + 1)}`,
      partition: 0,
      tasks: [{ id: id(hours, '0_0'), firehoseId: 'f' }],
      timestamp: at(hours),
    });
    const beams = Object.fromEntries([0, -3, -5].map((hours) => [at(hours), [entry(hours)]]));
    zookeeper.put(data, JSON.stringify({ latestTime: at(0), latestCloseTime: at(-4), beams }));
    const { dataSources, problems } = await report({ 'zookeeper.connect': zookeeper.address });
    const segment = (hours: number, closed: boolean): object => ({
      interval: `${at(hours)}/${at(hours + 1)}`,
      partitions: 1,
      tasks: [id(hours, '0_0')],
      closed,
    });
    expect(problems).toEqual([]);
    expect(dataSources[0]).toMatchObject({
      coordination: 'zookeeper',
      state: {
        path: data,
        latestCloseTime: at(-4),
        segments: [segment(-5, true), segment(-3, true), segment(0, false)],
      },
    });
  });

  it('has the tasks also when the state cannot be read, and says so', async () => {
    zookeeper.put(data, '{');
    druid.addTask({ id: id(0, '0_0') });
    const { dataSources, problems } = await report({ 'zookeeper.connect': zookeeper.address });
    expect(dataSources[0]?.tasks).toHaveLength(1);
    expect(dataSources[0]?.state).toBeNull();
    expect(problems).toEqual([expect.stringContaining(`at ${data} cannot be read`)]);
  });

  it.each([
    [
      'no overlord',
      { 'druid.overlord.urls': 'http://127.0.0.1:1' },
      'TRQ_OVERLORD_UNREACHABLE',
      /ECONNREFUSED.*Check druid\.overlord\.urls/,
    ],
    [
      'no ZooKeeper to find it',
      { 'druid.overlord.urls': null, 'zookeeper.connect': '127.0.0.1:1' },
      'TRQ_ZOOKEEPER_UNREACHABLE',
      /nothing within 2000 ms/,
    ],
  ])('says that there is %s', async (_, properties, code, message) => {
    await expect(report(properties, 2_000)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
