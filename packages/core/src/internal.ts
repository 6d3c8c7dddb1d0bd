/** What our own packages share of the engine's inside. Not for users: it changes without notice. */
export { encodeBatch } from './journal/encode-batch.js';
export { Journal } from './journal/journal.js';
export { Secret } from './config/secret.js';
export { overlordUrls } from './druid/overlord-addresses.js';
export { OverlordClient } from './druid/overlord-client.js';
export { Endpoint } from './pull/endpoint.js';
export type { EndpointOptions } from './pull/endpoint.js';
export { ManagedSupervisor } from './pull/managed-supervisor.js';
export { consumerProperties } from './pull/reader-access.js';
export { systemClock } from './time/clock.js';
export { HttpClient } from './transport/http-client.js';
export { javaDoubleText } from './partition/java-values.js';
export { encodeSmile } from './smile/smile-encoder.js';
export { parseGranularity, truncate } from './time/granularity.js';
export type { Granularity } from './time/granularity.js';
export { timestampReader } from './time/timestamp.js';
export type { TimestampReader } from './time/timestamp.js';
export { ZooKeeperClient } from './zookeeper/zookeeper-client.js';
