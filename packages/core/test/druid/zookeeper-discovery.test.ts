import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeperDiscovery } from '../../src/druid/zookeeper-discovery.js';
import { createSender, type Sender } from '../../src/index.js';
import { ZooKeeperClient } from '../../src/zookeeper/zookeeper-client.js';
import { flights } from '../support/configs.js';
import { ManualClock } from '../support/manual-clock.js';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

const overlord = '/druid/discovery/druid:overlord';
const instance = (port: number | null, more: object = {}): string =>
  JSON.stringify({
    address: '127.0.0.1',
    port,
    sslPort: null,
    registrationTimeUTC: 1,
    serviceType: 'DYNAMIC',
    ...more,
  });
const event = { time: '2026-03-05T10:05:00Z', origin: 'SFO' };

describe('discovery through ZooKeeper', () => {
  let zookeeper: ScriptedZooKeeper;
  let druid: ScriptedDruid;
  const senders: Sender[] = [];

  beforeEach(async () => {
    zookeeper = await ScriptedZooKeeper.start();
    druid = await ScriptedDruid.start();
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.close({ timeout: 0 })));
    await druid[Symbol.asyncDispose]();
    await zookeeper[Symbol.asyncDispose]();
  });

  async function sender(properties: Record<string, unknown> = {}): Promise<Sender> {
    const config = flights({ 'zookeeper.connect': zookeeper.address, 'zookeeper.timeout': 'PT3S', ...properties });
    const made = await createSender({ config, clock: new ManualClock('2026-03-05T10:20:00Z') });
    senders.push(made);
    return made;
  }

  it.each([
    [
      false,
      ['http://127.0.0.1:2', 'http://127.0.0.1:6', 'http://127.0.0.1:1', 'https://127.0.0.1:3', 'http://[::1]:5'],
    ],
    [
      true,
      ['http://127.0.0.1:2', 'https://127.0.0.1:7', 'http://127.0.0.1:1', 'https://127.0.0.1:3', 'http://[::1]:5'],
    ],
  ])('reads what Druid announces: the newest first, nobody who listens nowhere; TLS: %s', async (tls, expected) => {
    zookeeper.put(`${overlord}/a`, instance(1, { registrationTimeUTC: 5 }));
    zookeeper.put(`${overlord}/b`, instance(2, { sslPort: -1, registrationTimeUTC: 7, enabled: true }));
    zookeeper.put(`${overlord}/b2`, instance(6, { sslPort: 7, registrationTimeUTC: 6 }));
    zookeeper.put(`${overlord}/c`, instance(-1, { sslPort: 3 }));
    zookeeper.put(`${overlord}/d`, instance(null));
    zookeeper.put(`${overlord}/e`, instance(4, { enabled: false }));
    zookeeper.put(`${overlord}/f`, 'not JSON');
    zookeeper.put(`${overlord}/g`, instance(5, { address: '::1', registrationTimeUTC: 0 }));
    const client = new ZooKeeperClient({ connect: zookeeper.address, timeout: 3_000 });
    const discovery = new ZooKeeperDiscovery(client, '/druid/discovery', tls);
    expect(await discovery.find('druid/overlord')).toEqual(expected);
    expect(await discovery.find('nobody')).toEqual([]);
    await client.close();
  });

  it('needs no more than zookeeper.connect, as Tranquility 0.8', async () => {
    zookeeper.put(`${overlord}/a`, instance(druid.port));
    expect(await (await sender()).send(event)).toEqual({ status: 'sent' });
    const state = zookeeper.text('/tranquility/beams/druid:overlord/flights/data');
    expect(state).toContain('"firehoseId":"flights-010-0000-0000"');
    expect(druid.rows).toEqual([event]);
  });

  it('shares its tasks with other instances', async () => {
    zookeeper.put(`${overlord}/a`, instance(druid.port));
    const first = await sender();
    const second = await sender();
    await first.send(event);
    await second.send(event);
    expect([...druid.tasks.keys()]).toHaveLength(1);
    expect([first.counters.tasksCreated, second.counters.tasksAdopted]).toEqual([1, 1]);
  });

  it('finds tasks where they announce themselves when it is asked to', async () => {
    zookeeper.put(`${overlord}/a`, instance(druid.port));
    const announced = '/druid/discovery/firehose:druid:overlord:flights-010-0000-0000';
    let waited = 0;
    zookeeper.script = (request) => {
      if (request.startsWith(`getChildren ${announced}`) && waited++ === 2) {
        zookeeper.put(`${announced}/a`, instance(druid.port));
      }
      return undefined;
    };
    const flow = await sender({ 'druidBeam.taskLocator': 'curator' });
    expect(await flow.send(event)).toEqual({ status: 'sent' });
    expect(waited).toBeGreaterThan(2);
  });

  it('coordinates without ZooKeeper where it is told so, and still finds the overlord there', async () => {
    zookeeper.put(`${overlord}/a`, instance(druid.port));
    const flow = await sender({ 'tranquility.coordination': 'overlord' });
    expect(await flow.send(event)).toEqual({ status: 'sent' });
    expect(zookeeper.nodes.has('/tranquility')).toBe(false);
  });

  it('says where it looked for the overlord', async () => {
    const outcome = await (await sender({ 'druidBeam.indexRetryPeriod': 'PT1S' })).send(event);
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_OVERLORD_UNREACHABLE' } });
    const { message } = (outcome as { error: Error }).error;
    expect(message).toContain(`no overlord is announced under ${overlord}`);
    expect(message).toContain('druid.selectors.indexing.serviceName');
  });
});
