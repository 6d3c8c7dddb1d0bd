import { runConnector, type RunConnectorOptions, type StopReport } from '@tranquility-js/operations';
import { createKinesisConnector, type KinesisCloseReport } from '../connector.js';
import { connectorMetrics } from './metrics.js';

export type RunKinesisOptions = RunConnectorOptions;

/**
 * Runs a connector as a process: until it is told to end, or cannot go on.
 * @throws (as a rejection) what createKinesisConnector and `start` throw; what the connector could not go on for.
 */
export function runKinesis(options: RunKinesisOptions): Promise<StopReport> {
  const { config, properties = {} } = options;
  return runConnector(options, async (logger) => {
    const connector = await createKinesisConnector({ config, properties, logger });
    connector.on('assigned', (stream, shards) => {
      logger.info(`Shards of ${stream} that are ours: ${shards.length}.`, { stream, shards });
    });
    return {
      connector,
      metrics: connectorMetrics(() => connector.counters),
      left: ({ shards }: KinesisCloseReport) =>
        shards.map(({ stream, shard, settled }) => `${stream}, ${shard}: to be read again from behind ${settled}`),
    };
  });
}
