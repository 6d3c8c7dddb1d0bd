import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimRequest } from '../../src/coordination/coordination.js';
import { ZooKeeperCoordination } from '../../src/coordination/zookeeper-coordination.js';
import { overlordUrls } from '../../src/druid/overlord-addresses.js';
import { OverlordClient, type Patience } from '../../src/druid/overlord-client.js';
import { silentLogger } from '../../src/observe/logger.js';
import { parseGranularity } from '../../src/time/granularity.js';
import { parsePeriod } from '../../src/time/period.js';
import { HttpClient } from '../../src/transport/http-client.js';
import { ZooKeeperClient } from '../../src/zookeeper/zookeeper-client.js';
import { ManualClock } from '../support/manual-clock.js';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

const path = '/tranquility/beams/druid:overlord/flights';
const data = `${path}/data`;
const hour = (hours: number): string => `2026-03-05T${String(hours).padStart(2, '0')}:00:00.000Z`;
const taskId = (start: string, partition: number, replicant: number): string =>
  `index_realtime_flights_${start}_${partition}_${replicant}`;
const firehose = (start: string, partition: number, replicant: number): string =>
  `flights-0${start.slice(11, 13)}-000${partition}-000${replicant}`;
const entry = (start: number, partition: number, replicants = 1): object => ({
  interval: `${hour(start)}/${hour(start + 1)}`,
  partition,
  tasks: Array.from({ length: replicants }, (_, replicant) => ({
    id: taskId(hour(start), partition, replicant),
    firehoseId: firehose(hour(start), partition, replicant),
  })),
  timestamp: hour(start),
});

describe('coordination through ZooKeeper', () => {
  let druid: ScriptedDruid;
  let zookeeper: ScriptedZooKeeper;
  let http: HttpClient;
  const open: ZooKeeperClient[] = [];
  const clock = new ManualClock(hour(10));
  const patience = (): Patience => ({ clock, deadline: clock.now() + 60_000 });

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    zookeeper = await ScriptedZooKeeper.start();
    http = new HttpClient();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await http.close();
    await druid[Symbol.asyncDispose]();
    await zookeeper[Symbol.asyncDispose]();
  });

  function coordination(): ZooKeeperCoordination {
    const granularity = parseGranularity('hour');
    if (!granularity.ok) throw new Error(granularity.reason);
    const client = new ZooKeeperClient({ connect: zookeeper.address, timeout: 3_000 });
    open.push(client);
    return new ZooKeeperCoordination({
      client,
      overlord: new OverlordClient(http, overlordUrls([druid.url])),
      path,
      servicePrefix: 'firehose:druid:overlord:',
      granularity: granularity.granularity,
      window: parsePeriod('PT10M'),
      logger: silentLogger,
    });
  }

  function request(start: number, partitions = 1, replicants = 1): ClaimRequest {
    const bucket = { start: Date.parse(hour(start)), end: Date.parse(hour(start + 1)) };
    return { bucket, partitions, replicants, taskFor: (partition, replicant) => task(start, partition, replicant) };
  }

  function task(start: number, partition: number, replicant: number, dataSource = 'flights') {
    const serviceName = `firehose:druid:overlord:${firehose(hour(start), partition, replicant)}`;
    const receiver = { type: 'clipped', delegate: { type: 'timed', delegate: { type: 'receiver', serviceName } } };
    return {
      type: 'index_realtime',
      id: taskId(hour(start), partition, replicant),
      spec: { dataSchema: { dataSource }, ioConfig: { type: 'realtime', firehose: receiver } },
    };
  }

  const stateText = (latestTime: string, latestCloseTime: string, beams: Record<string, object[]>): string =>
    JSON.stringify({ latestTime, latestCloseTime, beams });

  it('writes what Tranquility would write, byte for byte, and leaves no lock behind', async () => {
    const claimed = await coordination().claim(request(10, 2, 2), patience());
    expect(claimed.map(({ partition, tasks }) => [partition, tasks.map(({ id, created }) => [id, created])])).toEqual([
      [0, [0, 1].map((replicant) => [taskId(hour(10), 0, replicant), true])],
      [1, [0, 1].map((replicant) => [taskId(hour(10), 1, replicant), true])],
    ]);
    expect(claimed[1]?.tasks[1]).toMatchObject({
      serviceName: 'firehose:druid:overlord:flights-010-0001-0001',
      payload: task(10, 1, 1),
    });
    expect(zookeeper.text(data)).toBe(
      stateText(hour(10), '1970-01-01T00:00:00.000Z', { [hour(10)]: [entry(10, 0, 2), entry(10, 1, 2)] }),
    );
    expect(zookeeper.childrenOf(`${path}/mutex/locks`)).toEqual([]);
    expect(zookeeper.childrenOf(`${path}/mutex/leases`)).toEqual([]);
  });

  it('claims tasks whose window closes after a year', async () => {
    const deadline = clock.now() + 366 * 86_400_000;
    expect(await coordination().claim(request(10), { clock, deadline })).toHaveLength(1);
  });

  it('shares the tasks of others, without a lock and without a submission', async () => {
    await coordination().claim(request(10, 2), patience());
    const [locks, submissions] = [zookeeper.requests.length, druid.count(/^POST/)];
    const claimed = await coordination().claim(request(10, 2), patience());
    expect(claimed.flatMap(({ tasks }) => tasks.map(({ created }) => created))).toEqual([false, false]);
    expect(claimed[0]?.tasks[0]?.payload).toEqual(task(10, 0, 0));
    expect(druid.count(/^POST/)).toBe(submissions);
    expect(zookeeper.requests.slice(locks).filter((one) => one.startsWith('create'))).toEqual([]);
  });

  it('makes one set of tasks when many want it at once', async () => {
    const claims = await Promise.all([0, 1, 2, 3].map(() => coordination().claim(request(10), patience())));
    expect(claims.flat().filter(({ tasks }) => tasks[0]?.created)).toHaveLength(1);
    expect(druid.count(/^POST/)).toBe(1);
  });

  it('appends the partitions that are missing, and uses all that are there', async () => {
    zookeeper.put(data, stateText(hour(10), '1970-01-01T00:00:00.000Z', { [hour(10)]: [entry(10, 0)] }));
    expect(await coordination().claim(request(10, 2), patience())).toHaveLength(2);
    expect([...druid.tasks.keys()]).toEqual([taskId(hour(10), 1, 0)]);
    expect(await coordination().claim(request(10, 1), patience())).toHaveLength(2);
  });

  it('drops entries strictly after their window, closes them, and leaves others as they are', async () => {
    const odd = { ...entry(9, 0), more: 'kept' };
    zookeeper.put(data, stateText('x', '1970-01-01T00:00:00.000Z', { [hour(8)]: [entry(8, 0)], [hour(9)]: [odd] }));
    const at = new ManualClock('2026-03-05T10:10:00.000Z');
    await coordination().claim(request(10), { clock: at, deadline: at.now() + 60_000 });
    expect(zookeeper.text(data)).toBe(stateText(hour(10), hour(8), { [hour(9)]: [odd], [hour(10)]: [entry(10, 0)] }));
  });

  it('finds a stored bucket that is closed, and creates none', async () => {
    zookeeper.put(data, stateText(hour(10), hour(10), { [hour(9)]: [entry(9, 0)] }));
    expect(await coordination().claim(request(9, 2), patience())).toHaveLength(1);
    const closed = coordination().claim(request(10), patience());
    await expect(closed).rejects.toMatchObject({
      code: 'TRQ_TASK_GONE',
      message: expect.stringContaining(data) as string,
    });
    expect(druid.count(/^POST/)).toBe(0);
  });

  it('reads what older and other writers left', async () => {
    const legacy = { timestamp: hour(10), taskId: 'old', firehoseId: 'old-firehose', partition: 0 };
    const beams = { '2026-03-05T11:00:00.000+01:00': [legacy] };
    zookeeper.put(data, JSON.stringify({ latestCloseTime: 5, beams, unknown: true }));
    const [claimed] = await coordination().claim(request(10), patience());
    expect(claimed?.tasks).toEqual([
      { id: 'old', serviceName: 'firehose:druid:overlord:old-firehose', created: false },
    ]);
    zookeeper.put(data, '{}');
    expect(await coordination().claim(request(10), patience())).toHaveLength(1);
  });

  it.each([
    ['', 'it is empty'],
    ['{', 'JSON'],
    ['[]', 'not a JSON object'],
    ['{"beams":null}', '"beams" is not an object'],
    ['{"beams":{"5":[]}}', 'A bucket is "5", not a time'],
    ['{"beams":{"soon":[]}}', 'A bucket is "soon", not a time'],
    [`{"beams":{"${hour(10)}":{}}}`, 'is not a list of partitions'],
    [`{"beams":{"${hour(10)}":[{}]}}`, 'a partition without tasks'],
    ['{"latestCloseTime":"never"}', '"latestCloseTime" is "never"'],
  ])('reports a corrupt state, and never writes over it: %s', async (text, problem) => {
    zookeeper.put(data, text);
    const error = (await coordination()
      .claim(request(10), patience())
      .catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'TRQ_ZOOKEEPER_STATE_CORRUPT' });
    expect(error.message).toContain(data);
    expect(error.message).toContain(problem);
    expect(error.message).toContain('delete it');
    expect(zookeeper.text(data)).toBe(text);
  });

  it('finds the tasks again that were submitted before the state could not be written', async () => {
    let failing = true;
    druid.script = ({ method, body }) =>
      failing && method === 'POST' && body.includes('_1_0"') ? { status: 400, body: { error: 'no' } } : undefined;
    await expect(coordination().claim(request(10, 2), patience())).rejects.toMatchObject({
      code: 'TRQ_OVERLORD_REFUSED',
    });
    expect(zookeeper.text(data)).toBeUndefined();
    expect(zookeeper.childrenOf(`${path}/mutex/leases`)).toEqual([]);
    failing = false;
    const claimed = await coordination().claim(request(10, 2), patience());
    expect(claimed.map(({ tasks }) => tasks[0]?.created)).toEqual([false, true]);
    expect(zookeeper.text(data)).toContain(taskId(hour(10), 1, 0));
  });

  it('does not take over a task of its id that is another’s', async () => {
    druid.addTask(task(10, 0, 0, 'birds'));
    await expect(coordination().claim(request(10), patience())).rejects.toMatchObject({ code: 'TRQ_TASK_CONFLICT' });
    expect(zookeeper.text(data)).toBeUndefined();
  });

  it('does not write over what somebody else wrote without the lock', async () => {
    zookeeper.put(data, '{}');
    const theirs = stateText(hour(11), '1970-01-01T00:00:00.000Z', { [hour(11)]: [entry(11, 0)] });
    let isFirst = true;
    zookeeper.script = (one) => {
      if (one === `setData ${data}` && isFirst) zookeeper.put(data, theirs);
      if (one === `setData ${data}`) isFirst = false;
      return undefined;
    };
    const [claimed] = await coordination().claim(request(10), patience());
    expect(claimed?.tasks[0]?.created).toBe(true);
    const beams = { [hour(10)]: [entry(10, 0)], [hour(11)]: [entry(11, 0)] };
    expect(zookeeper.text(data)).toBe(stateText(hour(11), '1970-01-01T00:00:00.000Z', beams));
  });

  it.each(['drop', 'drop after'] as const)('goes on when the connection breaks at any request: %s', async (how) => {
    zookeeper.put(data, '{}');
    const calm = coordination();
    await calm.claim(request(9), patience());
    const count = zookeeper.requests.length;
    for (let victim = 0; victim < count; victim++) {
      zookeeper.nodes.delete(data);
      zookeeper.put(data, '{}');
      let seen = 0;
      zookeeper.script = () => (seen++ === victim ? how : undefined);
      await coordination().claim(request(10), patience());
      zookeeper.script = () => undefined;
      expect(zookeeper.text(data)).toContain(taskId(hour(10), 0, 0));
      await expect.poll(() => zookeeper.childrenOf(`${path}/mutex/leases`)).toEqual([]);
    }
    expect(druid.tasks.size).toBe(2);
  });
});
