import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../../../packages/core/src/coordination/beam-state.js';
import { ZooKeeperClient } from '../../../packages/core/src/zookeeper/zookeeper-client.js';
import { pushWithPeer, service, zookeeper } from '../src/cluster.js';
import { configFile, configOf, coordinatedBy } from '../src/config.js';
import { countUntil, endTasks, tasksOf } from '../src/druid.js';
import { Push } from '../src/push.js';

const parts = { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' };

const events = (count: number): { time: string }[] =>
  Array.from({ length: count }, (_, index) => ({
    time: new Date().toISOString(),
    origin: `O${index % 7}`,
    destination: 'JFK',
    delay: 1,
    distance: 2,
  }));

const lines = (count: number): string[] => events(count).map((event) => `${JSON.stringify(event)}\n`);

describe('together with the JVM Tranquility, through ZooKeeper', () => {
  let client: ZooKeeperClient;

  beforeAll(() => {
    client = new ZooKeeperClient({ connect: zookeeper(), timeout: 10_000 });
  });
  afterAll(async () => {
    await client.close();
    await Promise.all(['begun_by_jvm', 'begun_by_us', 'hanging'].map(endTasks));
  });

  const stateOf = async (dataSource: string): Promise<Buffer> => {
    const node = await client.getData(`/tranquility/beams/druid:overlord/${dataSource}/data`);
    if (node === undefined) throw new Error(`There is no state of ${dataSource} in ZooKeeper.`);
    return node.data;
  };

  async function ours(dataSource: string, more: Record<string, string> = {}): Promise<void> {
    const config = await configFile(dataSource, { ...parts, properties: { ...coordinatedBy('zookeeper'), ...more } });
    const { code, summary, stderr } = await new Push(['-configFile', config], lines(1_000)).result();
    expect(summary, stderr).toMatchObject({ read: 1_000, sent: 1_000, failed: 0 });
    expect(code).toBe(0);
  }

  async function theirs(dataSource: string): Promise<void> {
    const config = configOf(dataSource, { ...parts, properties: coordinatedBy('zookeeper') });
    const push = { config, dataSource, events: events(1_000) };
    expect(await pushWithPeer(push)).toEqual({ sent: 1_000, dropped: 0, failed: 0, error: null });
  }

  it('shares the tasks that the JVM has made, and reads its state byte for byte', async () => {
    await theirs('begun_by_jvm');
    const state = await stateOf('begun_by_jvm');
    expect(encodeState(decodeState(state, 'path')).toString()).toBe(state.toString());
    await ours('begun_by_jvm');
    expect(await countUntil('begun_by_jvm', 2_000)).toBe(2_000);
    expect((await tasksOf('begun_by_jvm')).size).toBe(1);
    expect((await stateOf('begun_by_jvm')).toString()).toBe(state.toString());
  });

  it('makes tasks that the JVM shares', async () => {
    await ours('begun_by_us', { 'druidBeam.taskLocator': 'curator' });
    const state = await stateOf('begun_by_us');
    await theirs('begun_by_us');
    expect(await countUntil('begun_by_us', 2_000)).toBe(2_000);
    expect((await tasksOf('begun_by_us')).size).toBe(1);
    expect((await stateOf('begun_by_us')).toString()).toBe(state.toString());
  });

  it('waits for a ZooKeeper that hangs for longer than the session lives', async () => {
    await service('zookeeper', 'pause');
    const pushing = ours('hanging', { 'zookeeper.timeout': 'PT4S' });
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await service('zookeeper', 'resume');
    await pushing;
    expect(await countUntil('hanging', 1_000)).toBe(1_000);
    expect((await tasksOf('hanging')).size).toBe(1);
  });
});
