import type { Haste } from '../beam/haste.js';
import type { DataSourceConfig } from '../config/config.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Dropped } from '../event/outcome.js';
import { journalHolds } from '../journal/journal.js';
import type { LaneBeam, LaneReport } from '../lane/lane-beam.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import { RelayBeam } from '../relay/relay-beam.js';
import { relayDirectory } from '../relay/relay-settings.js';
import type { Clock } from '../time/clock.js';
import type { QueueLimits } from './delivery-queue.js';
import { SenderOutlet } from './row-outlet.js';

export interface RelayParts {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly haste: Haste;
  readonly lane: LaneBeam;
  readonly limits: QueueLimits;
  /** Told about each event that was acknowledged and is dropped. */
  readonly onDropped: (row: Buffer, why: Dropped) => void;
}

/**
 * The journal before the lane realtime, where the config asks for one. Where it does not, and an earlier process has left events in it, they
 * are delivered, and new ones go past it.
 * @throws what `RelayBeam.open` throws, where the config asks for it.
 */
export async function openRelay({
  lane,
  limits,
  onDropped,
  counters,
  haste,
  ...parts
}: RelayParts): Promise<RelayBeam | undefined> {
  const { dataSource, properties } = parts.config;
  const isWanted = properties['realtime.journal'];
  const directory = relayDirectory(properties['journal.directory']);
  if (!isWanted && !(await journalHolds(directory, dataSource))) return undefined;
  const outlet = new SenderOutlet({
    ...{ lane, limits, haste, clock: parts.clock },
    quietPeriod: properties['druidBeam.firehoseQuietPeriod'].millis,
    onUndelivered: (row, outcome) => {
      // What failed is tried again.
      if (outcome.status !== 'dropped') return;
      counters.drop(outcome.reason);
      onDropped(row, outcome);
    },
  });
  const goesPast = (): boolean => !isWanted || (lane.lane ?? 'realtime') !== 'realtime';
  try {
    return await RelayBeam.open({ ...parts, lane, outlet, goesPast });
  } catch (error) {
    if (isWanted) throw error;
    parts.logger.warn(
      `The journal in ${directory} has events of ${dataSource} that wait to be delivered: ${messageOf(error)}`,
    );
    return undefined;
  }
}

/** What a lane tells, with what waits before it. */
export function withRelay(report: LaneReport | undefined, relay: RelayBeam | undefined): LaneReport | undefined {
  if (report === undefined || relay === undefined) return report;
  const alarms = relay.troubles.map((message) => ({ reason: 'failing', message }) as const);
  return { ...report, alarms: [...report.alarms, ...alarms], relay: relay.report };
}
