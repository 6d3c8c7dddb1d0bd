export { createKinesisConnector } from './connector.js';
export type { KinesisCloseReport, KinesisConnector, KinesisConnectorOptions, KinesisEvents } from './connector.js';
export type { AwsHooks } from './aws/clients.js';
export type { KinesisCounters, ShardStatus } from './counters.js';
export type { KinesisTrouble } from './trouble.js';
