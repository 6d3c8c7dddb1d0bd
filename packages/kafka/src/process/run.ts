import { runConnector, type RunConnectorOptions, type StopReport } from '@tranquility-js/operations';
import { createKafkaConnector } from '../connector.js';
import type { KafkaCloseReport } from '../counters.js';
import { connectorMetrics } from './metrics.js';

export type RunKafkaOptions = RunConnectorOptions;

/**
 * Runs a connector as a process: until it is told to end, or cannot go on.
 * @throws (as a rejection) what createKafkaConnector and `start` throw; what the connector could not go on for.
 */
export function runKafka(options: RunKafkaOptions): Promise<StopReport> {
  const { config, properties = {} } = options;
  return runConnector(options, async (logger) => {
    const connector = await createKafkaConnector({ config, properties, logger });
    connector.on('assigned', (partitions) => {
      logger.info(`Partitions that are ours: ${partitions.length}.`, { partitions });
    });
    return {
      connector,
      metrics: connectorMetrics(() => connector.counters),
      left: ({ partitions }: KafkaCloseReport) =>
        partitions.flatMap(({ topic, partition, settled, lag }) =>
          lag === 0 ? [] : [`${topic}, partition ${partition}: to be read again from ${settled} on`],
        ),
    };
  });
}
