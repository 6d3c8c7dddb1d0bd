import type { DataSourceConfig } from '../config/config.js';
import type { Coordination } from '../coordination/coordination.js';
import { OverlordCoordination } from '../coordination/overlord-coordination.js';
import { ZooKeeperCoordination } from '../coordination/zookeeper-coordination.js';
import type { DruidAccess } from '../druid/druid-access.js';
import type { OverlordClient } from '../druid/overlord-client.js';
import type { ZooKeeperDiscovery } from '../druid/zookeeper-discovery.js';
import type { Logger } from '../observe/logger.js';
import { parsePeriod } from '../time/period.js';
import { firehoseService } from './names.js';

/** How tasks are found, and who decides which exist. */
export interface Backends {
  readonly overlord: OverlordClient;
  readonly coordination: Coordination;
  readonly discovery: ZooKeeperDiscovery | undefined;
}

/** What the config asks for. */
export function backends(config: DataSourceConfig, { overlord, zookeeper }: DruidAccess, logger: Logger): Backends {
  const { spec, properties } = config;
  if (zookeeper === undefined) {
    return { overlord, coordination: new OverlordCoordination(overlord), discovery: undefined };
  }
  const coordination =
    properties['tranquility.coordination'] === 'overlord'
      ? new OverlordCoordination(overlord)
      : new ZooKeeperCoordination({
          client: zookeeper.client,
          overlord,
          path: statePath(config),
          servicePrefix: firehoseService(properties['druid.selectors.indexing.serviceName'], ''),
          granularity: spec.segmentGranularity,
          window: parsePeriod(spec.windowPeriod),
          logger,
        });
  const asksZooKeeper =
    properties['druid.overlord.urls'] === undefined && properties['druidBeam.taskLocator'] === 'curator';
  return { overlord, coordination, discovery: asksZooKeeper ? zookeeper.discovery : undefined };
}

/** Where ZooKeeper has the tasks of a dataSource: `/tranquility/beams/druid:overlord/flights`. */
export function statePath({ dataSource, properties }: DataSourceConfig): string {
  const service = properties['druid.selectors.indexing.serviceName'];
  return `${properties['zookeeper.path']}/${service.replaceAll('/', ':')}/${dataSource}`;
}
