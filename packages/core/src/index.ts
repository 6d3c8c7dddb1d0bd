export { chooseDataSource, loadConfig, parseConfig, readConfig } from './config/config.js';
export type { Config, ConfigOptions, DataSourceConfig } from './config/config.js';
export type { Secret } from './config/secret.js';
export type { ConnectionHooks } from './druid/connections.js';
export type { HandedOver } from './beam/beam.js';
export { decoderFor } from './decode/decoder-for.js';
export type { ChunkDecoder, Decoded, Decoder, StreamingDecoder } from './decode/decoder.js';
export { readEvents } from './decode/read-events.js';
export type { DecodeLimits } from './decode/json-decoder.js';
export type { SupervisorAction } from './druid/supervisors.js';
export { errorCodes } from './errors/codes.js';
export type { ErrorCode } from './errors/codes.js';
export { messageOf, TranquilityError } from './errors/tranquility-error.js';
export { JsonReader, readJsonEvents } from './event/json-reader.js';
export type { ReadJsonOptions } from './event/json-reader.js';
export type { ReadBatch, RefusedInput } from './event/json-batch.js';
export type { Dropped, DropReason, Outcome, Undelivered } from './event/outcome.js';
export type { Staging } from './journal/staging.js';
export type { CounterSnapshot } from './observe/counters.js';
export { silentLogger } from './observe/logger.js';
export type { Logger, LogFields } from './observe/logger.js';
export { reindexSpec } from './append/reindex-spec.js';
export { reindexSql, type SqlRequest } from './append/reindex-sql.js';
export type { AppendStatus, AppendTaskReport, IntervalReport } from './operator/append-report.js';
export type { Check, Finding } from './operator/finding.js';
export { probe } from './operator/probe.js';
export type { ProbeOptions } from './operator/probe.js';
export { supervise } from './operator/supervise.js';
export type { Supervised, SuperviseOptions } from './operator/supervise.js';
export type { PartitionReport, ReadingTaskReport, SupervisorReport } from './operator/supervisor-report.js';
export { taskStatus } from './operator/task-status.js';
export type {
  DataSourceReport,
  JournalReport,
  SegmentReport,
  StateReport,
  StatusOptions,
  StatusReport,
  TaskReport,
  WorkerReport,
} from './operator/task-status.js';
export type { EventFields, Partitioner } from './partition/partitioner.js';
export type { Lane, LaneChoice } from './lane/choose-lane.js';
export type { LaneReport } from './lane/lane-beam.js';
export type { PullAlarm, PullAlarmReason } from './pull/pull-alarm.js';
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
