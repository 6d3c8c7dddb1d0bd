import { join } from 'node:path';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statusText } from '../src/status/text.js';
import { runCommand, twoDataSources, type Ran } from './support/command.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const hour = 3_600_000;
const now = Math.floor(Date.now() / hour) * hour;
const start = new Date(now).toISOString();
const end = new Date(now + hour).toISOString();
const id = (place: string): string => `index_realtime_flights_${start}_${place}`;
const lane = '  lane realtime: Druid 28.0.0 has realtime tasks.\n';
const realtime = {
  lane: { lane: 'realtime', reason: 'Druid 28.0.0 has realtime tasks.' },
  supervisor: null,
  journal: null,
  append: null,
};
const short = `${start.slice(0, 16)}Z/${end.slice(0, 16)}Z`;

describe('tranquility status', () => {
  let druid: ScriptedDruid;
  let temporary: TemporaryDirectory;
  let config: string;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    temporary = await TemporaryDirectory.make();
    config = await temporary.file('c.yaml', twoDataSources(druid.url));
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  const status = (...args: string[]): Promise<Ran> => runCommand('status', '-configFile', config, ...args);

  it('says that nothing runs', async () => {
    expect(await status()).toEqual({
      code: 0,
      err: '',
      out: `flights\n${lane}  no tasks\n\ntrains\n${lane}  no tasks\n\nno workers\n`,
    });
  });

  it('shows tasks and workers in columns', async () => {
    for (const place of ['0_0', '0_1', '1_0_r1']) druid.addTask({ id: id(place) });
    Object.assign(druid.tasks.get(id('0_1')) ?? {}, { status: 'FAILED', errorMsg: 'out of memory\n  at java' });
    Object.assign(druid.tasks.get(id('1_0_r1')) ?? {}, { runnerStatus: 'PENDING' });
    druid.workers = [
      { host: '10.0.0.1:8091', capacity: 3, tasks: [id('0_0')] },
      { host: '10.0.0.22:8091', capacity: 3, tasks: [], disabled: true },
    ];
    const { code, out } = await status('-dataSource', 'flights');
    expect(code).toBe(0);
    expect(out).toBe(`flights
${lane}  segment                              partition  replica          state    location
  ${short}  0          0                RUNNING  ${druid.url}
  ${short}  0          1                FAILED   -
  ${short}  1          0 (replaced 1x)  PENDING  -
  ${id('0_1')}: out of memory

workers: 1 of 6 slots used
  10.0.0.1:8091   1 of 3
  10.0.0.22:8091  0 of 3  takes no new tasks
`);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('shows what ZooKeeper says', () => {
    const report = (closed: string, segments: object[]): string =>
      statusText({
        dataSources: [
          {
            dataSource: 'a',
            lane: null,
            coordination: 'zookeeper',
            supervisor: null,
            journal: null,
            append: null,
            tasks: [],
            state: { path: '/b/data', latestCloseTime: closed, segments: segments as never },
          },
        ],
        workers: [],
        problems: [],
      });
    const interval = '2026-03-05T10:00:00.000Z/2026-03-05T10:00:30.500Z';
    const segments = [{ interval, partitions: 2, tasks: ['x', 'y'], closed: true }];
    expect(report('2026-03-05T09:00:00.000Z', segments)).toBe(`a
  no tasks
  ZooKeeper has in /b/data; closed up to 2026-03-05T09:00Z:
    2026-03-05T10:00Z/2026-03-05T10:00:30.500Z  2 partitions  2 tasks  closed

no workers
`);
    expect(report('1970-01-01T00:00:00.000Z', [])).toContain('  ZooKeeper has no segments in /b/data\n');
  });

  it('shows the supervisor where Druid reads from us: how far it has got, and what is wrong', async () => {
    druid.version = '33.0.0';
    const journal = join(temporary.path, 'journal');
    config = await temporary.file('c.yaml', `${twoDataSources(druid.url)}  journal.directory: ${journal}\n`);
    druid.addTask({ id: 'index_kafka_flights_a' });
    const ioConfig = { topic: 'flights', consumerProperties: { 'bootstrap.servers': '127.0.0.1:9392' } };
    druid.supervisors.put(
      'flights',
      { type: 'kafka', spec: { ioConfig }, context: { 'tranquility.spec': 'print' } },
      {
        ...{ state: 'UNHEALTHY_TASKS', detailedState: 'UNHEALTHY_TASKS', healthy: false },
        activeTasks: [{ id: 'index_kafka_flights_a', currentOffsets: { 0: 1234, 1: 20 } }],
        minimumLag: { 0: 1000, 1: 5 },
        recentErrors: [{ exceptionClass: 'java.lang.IllegalStateException', message: 'no\n  at java' }],
      },
    );
    const { code, out, err } = await status();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(`flights
  lane pull: Druid 33.0.0 has no realtime tasks, and reads from us.
  journal in ${journal}: no process has it open
  supervisor: UNHEALTHY_TASKS, not healthy, ours, lag 1,005
    partition  offset  lag
    0          1234    1000
    1          20      5
    task                   state    location
    index_kafka_flights_a  RUNNING  ${druid.url}
  its latest error: java.lang.IllegalStateException: no
  failing: The supervisor of flights is UNHEALTHY_TASKS (UNHEALTHY_TASKS): java.lang.IllegalStateException: no at java. Look into the overlord’s log and those of its tasks.

trains
  lane pull: Druid 33.0.0 has no realtime tasks, and reads from us.
  journal in ${journal}: no process has it open
  no supervisor; it gets one with its first event

no workers
`);
  });

  it('says whose supervisor it is, and who has suspended it', async () => {
    druid.version = '33.0.0';
    const ioConfig = { topic: 'flights', consumerProperties: { 'bootstrap.servers': 'kafka:9092' } };
    druid.supervisors.put('flights', { type: 'kafka', spec: { ioConfig }, suspended: true });
    const { out } = await status('-dataSource', 'flights');
    expect(out).toContain('  supervisor: SUSPENDED, not ours\n    no tasks\n');
    expect(out).toMatch(/ {2}conflict: flights has a supervisor that is not ours.*servers "kafka:9092"/);
    const context = { 'tranquility.spec': 'print', 'tranquility.parked': true };
    ioConfig.consumerProperties['bootstrap.servers'] = '127.0.0.1:9392';
    druid.supervisors.put('flights', { type: 'kafka', spec: { ioConfig }, suspended: true, context });
    expect((await status('-dataSource', 'flights')).out).toContain(
      '  supervisor: SUSPENDED, by us, until a process has the journal open, ours\n    no tasks\n\n',
    );
  });

  it('says what it cannot find out of a Druid to which events are appended, and ends with 1', async () => {
    druid.version = '33.0.0';
    druid.readsKafka = false;
    const { code, err } = await status('-dataSource', 'flights');
    expect(code).toBe(1);
    expect(err).toBe('error: The overlord refused a question about the segments of flights: 404 {}\n');
  });

  it('--json: the report', async () => {
    druid.addTask({ id: id('1_0') });
    druid.workers = [{ host: 'w:1', capacity: 3, tasks: [id('1_0')] }];
    expect(JSON.parse((await status('--json')).out)).toEqual({
      dataSources: [
        {
          ...realtime,
          dataSource: 'flights',
          coordination: 'overlord',
          tasks: [
            {
              id: id('1_0'),
              interval: `${start}/${end}`,
              partition: 1,
              replicant: 0,
              generation: 0,
              state: 'RUNNING',
              location: druid.url,
              error: null,
            },
          ],
          state: null,
        },
        { ...realtime, dataSource: 'trains', coordination: 'overlord', tasks: [], state: null },
      ],
      workers: [{ host: 'w:1', capacity: 3, used: 1, enabled: true }],
      problems: [],
    });
  });

  it('shows the tasks also when the workers are not told, says so, and ends with 1', async () => {
    druid.addTask({ id: id('0_0') });
    druid.script = ({ path }) => (path.endsWith('/workers') ? { status: 403, body: 'no' } : undefined);
    const { code, out, err } = await status();
    expect(code).toBe(1);
    expect(err).toMatch(/^error: The overlord at .* refused us: 403 no\./);
    expect(out).toContain(`${short}  0          0        RUNNING`);
  });

  it.each([
    [['--set', 'druid.overlord.urls=http://127.0.0.1:1'], 1, /No overlord answered at http:\/\/127\.0\.0\.1:1/],
    [['-dataSource', 'flight'], 78, /Did you mean "flights"\?/],
    [['--watch'], 2, /Unknown option '--watch'\. .*status --help/],
  ])('%j ends with %d and a message', async (args, code, message) => {
    expect(await status(...args)).toEqual({ code, out: '', err: expect.stringMatching(message) as string });
  });
});
