export { createKafkaConnector } from './connector.js';
export type { KafkaConnector, KafkaConnectorOptions, KafkaEvents } from './connector.js';
export type { KafkaHooks } from './config/client-config.js';
export type { KafkaCloseReport, KafkaCounters, PartitionStatus } from './counters.js';
export type { Assigned, SourceTrouble } from './source/source.js';
export { superviseTopics } from './supervise.js';
export type { SuperviseOptions, Supervised } from './supervise.js';
