import { afterEach, expect, it } from 'vitest';
import { createKafkaConnector } from '../src/connector.js';
import { SilentBroker } from './silent-broker.js';

const broker = new SilentBroker();
afterEach(() => {
  broker.stop();
});

const spec = {
  dataSchema: {
    dataSource: 'clicks',
    timestampSpec: { column: 'time', format: 'auto' },
    dimensionsSpec: { dimensions: [] },
    granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
  },
  tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
};

it('a connector closes though a broker does not answer, and leaves no connection', async () => {
  const connector = await createKafkaConnector({
    config: {
      dataSources: [{ spec, properties: { topicPattern: 'clicks' } }],
      properties: {
        ...{ 'druid.overlord.urls': 'http://127.0.0.1:9', 'kafka.bootstrap.servers': await broker.start() },
        ...{ 'kafka.metadata.max.age.ms': '100', 'kafka.request.timeout.ms': '3600000' },
      },
    },
  });
  await connector.start();
  broker.isSilent = true;
  await expect.poll(() => broker.unanswered).toBeGreaterThan(0);
  expect(await connector.close({ timeout: 3_600_000 })).toMatchObject({ drained: true });
  await expect.poll(() => broker.connections).toBe(0);
});
