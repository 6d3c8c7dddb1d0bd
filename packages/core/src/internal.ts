/** What our own packages share of the engine's inside. Not for users: it changes without notice. */
export { JsonDecoder } from './decode/json-decoder.js';
export { mostInBlock, ZstdBlocks } from './decode/zstd-block.js';
export { BrokenZstd } from './decode/zstd-table.js';
export { exactValue } from './event/exact-value.js';
export { FoundEvent } from './event/found-event.js';
export { KeyName } from './event/key-name.js';
export { textOf } from './event/members.js';
export { isIntact, layout, magic, readHeader } from './journal/batch-header.js';
export type { BatchHeader } from './journal/batch-header.js';
export { encodeBatch } from './journal/encode-batch.js';
export { syncDirectory, systemFiles } from './journal/file-system.js';
export { Journal } from './journal/journal.js';
export { strandedEvents } from './journal/stranded.js';
export { VarintReader, varintSize, writeVarint } from './journal/varint.js';
export { readConfigFile, readSourcedConfig } from './config/config.js';
export type { ProgramReader, SourcedConfig } from './config/config.js';
export { loadProgramConfig } from './config/program-config.js';
export type { ProgramConfig } from './config/program-config.js';
export { prefixed, property, tls, zooKeeperProperties } from './config/properties.js';
export type {
  Property,
  PropertyTable,
  PropertyValues,
  ValuesOf,
  WithDefault,
  ZooKeeperValues,
} from './config/properties.js';
export {
  file,
  oneOf,
  period,
  periodFrom,
  secret,
  text,
  truth,
  wholeNumber,
  znodePath,
} from './config/property-kinds.js';
export type { PeriodValue, PropertyKind } from './config/property-kinds.js';
export { givenIn, readTable } from './config/read-properties.js';
export { Secret } from './config/secret.js';
export { overlordUrls } from './druid/overlord-addresses.js';
export { OverlordClient } from './druid/overlord-client.js';
export { Endpoint } from './pull/endpoint.js';
export type { EndpointOptions } from './pull/endpoint.js';
export { Supervisors } from './druid/supervisors.js';
export { ManagedSupervisor } from './pull/managed-supervisor.js';
export { consumerProperties } from './pull/reader-access.js';
export type { SupervisorPlan } from './pull/supervisor-spec.js';
export { WireReader } from './pull/wire-reader.js';
export { readConnections } from './druid/connections.js';
export { druidAccess } from './druid/druid-access.js';
export { senderFor } from './sender/create-sender.js';
export { systemClock } from './time/clock.js';
export { orAborted } from './time/or-aborted.js';
export { timerMillis } from './time/timer-millis.js';
export { addPeriod, parsePeriod } from './time/period.js';
export { Window } from './realtime/window.js';
export type { Cursor } from './spec/cursor.js';
export { nearest } from './spec/nearest.js';
export { show } from './spec/problems.js';
export { readServerTls, readTlsMaterial } from './transport/tls-files.js';
export type { TlsServer } from './transport/tls-files.js';
export { JsonNumber } from './spec/json-number.js';
export { writeExactly } from './spec/exact-json.js';
export { HttpClient } from './transport/http-client.js';
export type { HttpResponse } from './transport/http-client.js';
export { retry } from './transport/retry.js';
export { TlsClient } from './transport/tls-client.js';
export type { TlsMaterial } from './transport/tls-client.js';
export { sumOfCounters } from './observe/sum-of-counters.js';
export { javaDoubleText, javaNumberText } from './partition/java-values.js';
export { encodeSmile } from './smile/smile-encoder.js';
export { SmileBroken, SmileParser, SmileUnfinished } from './smile/smile-parser.js';
export { parseGranularity, truncate } from './time/granularity.js';
export type { Granularity } from './time/granularity.js';
export { timestampReader } from './time/timestamp.js';
export type { TimestampReader } from './time/timestamp.js';
export { ZooKeeperClient } from './zookeeper/zookeeper-client.js';
export { reasonOf } from './zookeeper/zookeeper-error.js';
export { markOf } from './append/batch-identity.js';
