import { resolve } from 'node:path';
import type { DataSourceConfig } from '../config/config.js';
import { serverText } from '../config/connect-string.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import { orAborted } from '../time/or-aborted.js';
import type { TlsServer } from '../transport/tls-files.js';
import { PullDestination } from './pull-destination.js';
import { readerAccess, stationSettings } from './pull-settings.js';
import type { PullSource, Ready } from './pull-source.js';
import { consumerProperties } from './reader-access.js';
import { shareStation } from './share-station.js';

export interface JournalSourceOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  /** Of the endpoint. */
  readonly tls: TlsServer | undefined;
  readonly ready: Ready;
  /** Whether events are shown only when `staging` says so. */
  readonly staged: boolean;
}

/**
 * Opens the journal of a dataSource, and serves what it has.
 * @throws as `shareStation` does.
 */
export async function openJournalSource(options: JournalSourceOptions): Promise<PullSource> {
  const { config, clock, logger, counters, tls, staged } = options;
  const { dataSource, properties } = config;
  const { station, release } = await shareStation(stationSettings(properties, tls), clock, logger);
  const { endpoint, journal, self } = station;
  try {
    const logs = await station.logs(dataSource, properties['task.partitions']);
    await journal.stage(dataSource, logs, staged);
    const ready: Ready = async (signal) => {
      if (staged) await orAborted(journal.staging.decided, signal);
      await options.ready(signal);
    };
    station.use(dataSource, 1);
    // Those beyond are of a time when there were more, and are served until they are read.
    const wanted = Math.max(properties['task.partitions'], endpoint.nodes.length);
    const written = [...logs].filter(([partition]) => partition < wanted);
    const destinations = written.map(
      ([partition, log]) =>
        new PullDestination({
          ...{ log, clock, counters, logger, ready },
          name: `${dataSource}, partition ${partition} of the journal`,
          patience: properties['druidBeam.firehoseRetryPeriod']?.millis ?? Infinity,
        }),
    );
    const before = [...logs].filter(([, { startOffset, endOffset }]) => startOffset !== endOffset);
    const ends = before.map(([partition, log]) => ({ partition, log, end: log.endOffset }));
    return {
      destinations,
      plan: {
        topic: dataSource,
        address: serverText(self),
        servers: endpoint.nodes.map(serverText).join(','),
        ...(endpoint.nodes.length === 1 ? { journal: journal.id, isFresh: ends.length === 0 } : {}),
        consumerProperties: consumerProperties(readerAccess(properties, endpoint.nodes)),
      },
      served: { endpoint, logs },
      journal: resolve(journal.directory),
      ...(staged ? { staging: journal.staging } : {}),
      isEmpty: ends.length === 0,
      async isBehind() {
        for (const { partition, log, end } of ends) {
          const { offset } = endpoint.reading(dataSource, partition) ?? {};
          if (offset === undefined || offset > log.endOffset) return true;
          // Those of a process before may have been shown since.
          const last = staged ? log.endOffset : end;
          // After a crash the end lies above the last event, and nobody asks for it.
          if (offset < last && (await log.read(offset, 1)).bytes.length > 0) return true;
        }
        return false;
      },
      get unread() {
        return destinations.reduce((sum, { taken: { from, end } }, index) => {
          const [partition = 0, log] = written[index] ?? [];
          const offset = endpoint.reading(dataSource, partition)?.offset ?? 0;
          const logEnd = log?.endOffset ?? end;
          // What it is not shown is the business of its source.
          const shown = Math.min(end, logEnd);
          // Beyond the log's end it stands in another, and has read nothing of this one. Behind ours may be what another sender has written.
          return sum + Math.max(0, shown - (offset > logEnd ? from : Math.max(from, offset)));
        }, 0);
      },
      get hasServed() {
        return ends.length > 0 || destinations.some(({ taken }) => taken.end > 0);
      },
      get isAlone() {
        return endpoint.nodes.length === 1 && station.users(dataSource) === 1;
      },
      async close() {
        station.use(dataSource, -1);
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
