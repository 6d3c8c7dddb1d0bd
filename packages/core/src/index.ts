export { chooseDataSource, loadConfig, parseConfig, readConfig } from './config/config.js';
export type { Config, ConfigOptions, DataSourceConfig } from './config/config.js';
export type { Secret } from './config/secret.js';
export { errorCodes } from './errors/codes.js';
export type { ErrorCode } from './errors/codes.js';
export { messageOf, TranquilityError } from './errors/tranquility-error.js';
export { JsonReader, readJsonEvents } from './event/json-reader.js';
export type { ReadJsonOptions } from './event/json-reader.js';
export type { ReadBatch, RefusedInput } from './event/json-batch.js';
export type { Dropped, DropReason, Outcome, Undelivered } from './event/outcome.js';
export type { CounterSnapshot } from './observe/counters.js';
export { silentLogger } from './observe/logger.js';
export type { Logger, LogFields } from './observe/logger.js';
export type { Check, Finding } from './operator/finding.js';
export { probe } from './operator/probe.js';
export type { ProbeOptions } from './operator/probe.js';
export { taskStatus } from './operator/task-status.js';
export type {
  DataSourceReport,
  SegmentReport,
  StateReport,
  StatusOptions,
  StatusReport,
  TaskReport,
  WorkerReport,
} from './operator/task-status.js';
export type { EventFields, Partitioner } from './partition/partitioner.js';
export type { ConnectionHooks } from './realtime/backends.js';
export { createSender } from './sender/create-sender.js';
export type { SenderTarget } from './sender/create-sender.js';
export { DeadLetters } from './sender/dead-letters.js';
export { Feed } from './sender/feed.js';
export type { FeedOptions, Target } from './sender/feed.js';
export { InOrder } from './sender/in-order.js';
export type { Receipt } from './sender/delivery-queue.js';
export { Sender } from './sender/sender.js';
export type { CloseOptions, CloseReport, ConnectOptions } from './sender/sender.js';
export type { Tally } from './sender/tally.js';
export type { Clock } from './time/clock.js';
export type { RewriteAddress } from './transport/address-map.js';
export type { Authorize, OutgoingRequest } from './transport/authorization.js';
