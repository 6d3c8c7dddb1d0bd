import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { overlordUrls } from '../../src/druid/overlord-addresses.js';
import { OverlordClient } from '../../src/druid/overlord-client.js';
import { ZooKeeperDiscovery } from '../../src/druid/zookeeper-discovery.js';
import { Counters } from '../../src/observe/counters.js';
import { silentLogger } from '../../src/observe/logger.js';
import { Replica } from '../../src/realtime/replica.js';
import type { TaskContext } from '../../src/realtime/task-context.js';
import { HttpClient } from '../../src/transport/http-client.js';
import { ZooKeeperClient } from '../../src/zookeeper/zookeeper-client.js';
import { ManualClock } from '../support/manual-clock.js';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

const serviceName = 'firehose:flights';

describe('a replica that is looked for in ZooKeeper', () => {
  let druid: ScriptedDruid;
  let zookeeper: ScriptedZooKeeper;
  let client: ZooKeeperClient;
  let http: HttpClient;
  let clock: ManualClock;
  let replica: Replica;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    zookeeper = await ScriptedZooKeeper.start();
    client = new ZooKeeperClient({ connect: zookeeper.address, timeout: 2_000, requestTimeout: 50 });
    http = new HttpClient();
    clock = new ManualClock();
    druid.addTask({ id: 'flights', spec: { ioConfig: { firehose: { type: 'receiver', serviceName } } } });
    const { hostname: address, port } = new URL(druid.url);
    zookeeper.put(`/discovery/${serviceName}/1`, JSON.stringify({ address, port: Number(port) }));
    const context: Partial<TaskContext> = {
      discovery: new ZooKeeperDiscovery(client, '/discovery', false),
      overlord: new OverlordClient(http, overlordUrls([druid.url])),
      ...{ http, clock, logger: silentLogger, counters: new Counters() },
      properties: {
        'druidBeam.firehoseQuietPeriod': { text: 'PT1M', millis: 60_000 },
        'druidBeam.overlordPollPeriod': { text: 'PT20S', millis: 20_000 },
      } as TaskContext['properties'],
    };
    replica = new Replica(context as TaskContext, 'flights', serviceName);
  });
  afterEach(async () => {
    await Promise.all([client.close(), http.close()]);
    await druid[Symbol.asyncDispose]();
    await zookeeper[Symbol.asyncDispose]();
  });

  const push = (patience: number): Promise<string | undefined> =>
    replica.push({ bytes: Buffer.from('[{"a":1}]'), headers: {} }, 1, { clock, deadline: clock.now() + patience });

  it('is found when ZooKeeper is back', async () => {
    zookeeper.script = () => (clock.slept.length < 3 ? 'drop' : undefined);
    expect(await push(3_600_000)).toBeUndefined();
    expect(clock.slept.length).toBeGreaterThanOrEqual(3);
    expect(druid.rows).toEqual([{ a: 1 }]);
  });

  it('is said to be not ready when patience ends before ZooKeeper is back', async () => {
    zookeeper.script = () => 'drop';
    await expect(push(500)).rejects.toMatchObject({
      code: 'TRQ_TASK_NOT_READY',
      message: expect.stringMatching(/flights takes no events yet: ZooKeeper at .* did not answer/) as string,
    });
  });
});
