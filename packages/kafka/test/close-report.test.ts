import { expect, it, vi } from 'vitest';
import { createKafkaConnector } from '../src/connector.js';
import type { SourceListener } from '../src/source/source.js';

const given: SourceListener[] = [];

vi.mock('../src/source/kafka-source.js', () => ({
  /** A source whose coordinator takes every commit, and which brings what the test says. */
  KafkaSource: class {
    readonly broken = [];
    readonly kafka = { producer: () => ({ disconnect: () => Promise.resolve() }) };
    readonly #listener: SourceListener;

    constructor({ listener }: { readonly listener: SourceListener }) {
      this.#listener = listener;
      given.push(listener);
    }

    commit(): Promise<boolean> {
      return Promise.resolve(true);
    }

    async close(limit: AbortSignal): Promise<void> {
      await this.#listener.revoking(limit);
      this.#listener.lost();
      // As when partitions were shared out anew meanwhile, of which nothing was taken.
      this.#listener.lost();
    }
  },
}));

const spec = {
  dataSchema: {
    dataSource: 'clicks',
    timestampSpec: { column: 'time', format: 'auto' },
    dimensionsSpec: { dimensions: [] },
    granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
  },
  tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
};
const properties = { 'druid.overlord.urls': 'http://127.0.0.1:9', 'kafka.bootstrap.servers': '127.0.0.1:9' };
const unparseable = { key: null, value: Buffer.from('{'), headers: {}, timestamp: 0 };

it('the report has the places as they are left: what is settled at the end is committed', async () => {
  const connector = await createKafkaConnector({
    config: { dataSources: [{ spec, properties: { topicPattern: 'clicks' } }], properties },
  });
  const [listener] = given;
  await listener?.assigned([{ topic: 'clicks', partition: 0, offset: 7 }]);
  await listener?.records('clicks', 0, [{ ...unparseable, position: 7, next: 8 }], 8);
  expect(connector.counters.partitions).toMatchObject([{ committed: 7 }]);
  expect(await connector.close()).toMatchObject({
    drained: true,
    partitions: [{ topic: 'clicks', partition: 0, settled: 8, committed: 8, lag: 0, waitingBytes: 0 }],
  });
});
