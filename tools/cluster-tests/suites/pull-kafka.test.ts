import { startCluster, type Cluster } from '@tranquility-js/cluster';
import { createSender } from '@tranquility-js/core';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useCluster } from '../src/cluster.js';
import { tranquility } from '../src/command.js';
import { numberedFile, numberedUntil, tallyOf } from '../src/pull.js';
import { numbered } from '../src/real-kafka.js';
import { removeTemporary, temporaryFile } from '../src/temporary.js';

const dataSource = 'through_kafka';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ druid: '33.0.0', worker: 'indexer', kafka: '3.9.1', kafkaExtension: true });
  useCluster({ endpoints: cluster.endpoints, control: '' });
});
afterAll(async () => {
  await cluster.stop();
  await removeTemporary();
});

it('events go to a topic of a real Kafka, from which Druid reads them, exactly', async () => {
  const bootstrap = cluster.endpoints.kafka?.bootstrap ?? '';
  const config = numberedFile(dataSource, ['page'], {
    ...{ 'task.partitions': 2, 'tranquility.lane': 'pull', 'pull.source': 'kafka' },
    ...{ 'pull.kafka.bootstrap.servers': bootstrap, 'pull.supervisorPeriod': 'PT2S' },
  });
  await using sender = await createSender({ config });
  const count = 50_000;
  const events = Array.from({ length: count }, (_, n) => ({ time: Date.now(), n, page: `page ${n % 10}` }));
  expect(await sender.sendAll(events)).toMatchObject({ received: count, sent: count });
  expect(await numberedUntil(dataSource, count)).toEqual(tallyOf(count));
  expect(sender.lane).toMatchObject({ lane: 'pull', alarms: [] });
});

it('tranquility kafka --supervise lets Druid read topics itself, each for a dataSource of its name', async () => {
  const bootstrap = cluster.endpoints.kafka?.bootstrap ?? '';
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const create = async (topic: string, count: number): Promise<void> => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
    await producer.send({ topic, messages: numbered(count) });
  };
  const supervise = async (dimensions: readonly string[], own: object): Promise<unknown> => {
    const properties = { 'kafka.bootstrap.servers': bootstrap, topicPattern: 'wikipedia|wikipedia-.*', ...own };
    const config = JSON.stringify(numberedFile('template', dimensions, properties));
    const path = await temporaryFile('supervise.json', [config]);
    const { code, stdout, stderr } = await tranquility('kafka', '--supervise', '--json', '-configFile', path);
    return code === 0 ? (JSON.parse(stdout) as unknown) : stderr;
  };
  const byTopic = { useTopicAsDataSource: 'true' };
  const done = (topic: string, supervisor: string): object => ({ dataSource: topic, topic, supervisor });
  try {
    await create('wikipedia', 1_000);
    await create('wikipedia-fr', 500);
    expect(await supervise(['page'], {})).toContain('would have the topics wikipedia and wikipedia-fr');
    const both = (supervisor: string) => [done('wikipedia', supervisor), done('wikipedia-fr', supervisor)];
    expect(await supervise(['page'], byTopic)).toEqual(both('created'));
    expect(await supervise(['page'], byTopic)).toEqual(both('unchanged'));
    await create('wikipedia-de', 300);
    expect(await supervise(['page'], byTopic)).toEqual([
      done('wikipedia', 'unchanged'),
      done('wikipedia-de', 'created'),
      done('wikipedia-fr', 'unchanged'),
    ]);
    for (const [topic, count] of Object.entries({ wikipedia: 1_000, 'wikipedia-fr': 500, 'wikipedia-de': 300 })) {
      expect(await numberedUntil(topic, count)).toEqual(tallyOf(count));
    }
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
});
