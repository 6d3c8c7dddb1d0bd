import type { PropertyValues } from '../config/properties.js';
import type { Coordination } from '../coordination/coordination.js';
import type { OverlordClient, TaskStatus } from '../druid/overlord-client.js';
import type { ZooKeeperDiscovery } from '../druid/zookeeper-discovery.js';
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
  /** Where tasks announce themselves, if they are to be found there and not by the overlord's status. */
  readonly discovery: ZooKeeperDiscovery | undefined;
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

/** Where a task listens, or `undefined` when it does not yet. */
export async function locateTask(
  { discovery }: TaskContext,
  serviceName: string,
  status: TaskStatus,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (discovery === undefined) return status.location;
  const [newest] = await discovery.find(serviceName, signal);
  return newest;
}
