import type { PropertyValues } from '../config/properties.js';
import type { Coordination } from '../coordination/coordination.js';
import type { OverlordClient } from '../druid/overlord-client.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { Clock } from '../time/clock.js';
import type { HttpClient } from '../transport/http-client.js';

/** What all tasks of a dataSource share. */
export interface TaskContext {
  readonly spec: IngestionSpec;
  readonly properties: PropertyValues;
  /** The format of timestamps that our own tasks read. */
  readonly timestampFormat: string;
  readonly coordination: Coordination;
  readonly overlord: OverlordClient;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

/** Logs trouble as debug until it has lasted for `firehoseQuietPeriod`; then as a warning, once. */
export function warnLater(context: TaskContext, taskId: string): (message: string) => void {
  const { clock, logger, properties } = context;
  const loudFrom = clock.now() + properties['druidBeam.firehoseQuietPeriod'].millis;
  let warned = false;
  return (message) => {
    const isTime = !warned && clock.now() >= loudFrom;
    warned ||= isTime;
    logger[isTime ? 'warn' : 'debug'](message, { taskId });
  };
}
