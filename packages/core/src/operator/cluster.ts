import type { DataSourceConfig } from '../config/config.js';
import { overlordUrls, type OverlordAddresses } from '../druid/overlord-addresses.js';
import { OverlordClient, type Patience } from '../druid/overlord-client.js';
import { ZooKeeperDiscovery } from '../druid/zookeeper-discovery.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { silentLogger } from '../observe/logger.js';
import { zooKeeperClient } from '../realtime/backends.js';
import { authorization } from '../realtime/realtime-beam.js';
import { systemClock } from '../time/clock.js';
import { HttpClient } from '../transport/http-client.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';

/** A Druid, and dataSources that reach it in the same way. */
export interface Cluster {
  readonly dataSources: readonly DataSourceConfig[];
  readonly http: HttpClient;
  readonly addresses: OverlordAddresses;
  readonly overlord: OverlordClient;
  /** Absent where the config has none. */
  readonly zookeeper?: ZooKeeperClient;
  close(): Promise<void>;
}

/** Does some work at each Druid that dataSources go to, at all of them together. What reaches one in different ways counts as several. */
export async function atEachCluster<T>(
  dataSources: readonly DataSourceConfig[],
  work: (cluster: Cluster) => Promise<T>,
): Promise<T[]> {
  return Promise.all(
    clustersOf(dataSources).map(async (cluster) => {
      try {
        return await work(cluster);
      } finally {
        await cluster.close();
      }
    }),
  );
}

function clustersOf(dataSources: readonly DataSourceConfig[]): Cluster[] {
  const groups = new Map<string, [DataSourceConfig, ...DataSourceConfig[]]>();
  for (const dataSource of dataSources) {
    const way = JSON.stringify(
      Object.entries(dataSource.properties).filter(([name]) => /^(druid|druidBeam|zookeeper)\./.test(name)),
    );
    const group = groups.get(way);
    if (group === undefined) groups.set(way, [dataSource]);
    else group.push(dataSource);
  }
  return [...groups.values()].map(connect);
}

/**
 * Asks the overlord that leads, once and for no longer than `timeout` milliseconds.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, and where it is found through ZooKeeper that one's errors.
 */
export async function ask<T>(
  { overlord, addresses }: Cluster,
  timeout: number,
  question: (overlord: OverlordClient, patience: Patience) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(timeout);
  try {
    return await question(overlord, { clock: systemClock, deadline: systemClock.now(), signal });
  } catch (error) {
    if (!signal.aborted || error instanceof TranquilityError) throw error;
    const { place, remedy } = addresses;
    throw new TranquilityError(
      'TRQ_OVERLORD_UNREACHABLE',
      `No overlord answered at ${place} within ${timeout / 1000} s. ${remedy}`,
      { cause: error, details: { place } },
    );
  }
}

/** Nothing is connected before it is asked. */
function connect(dataSources: readonly [DataSourceConfig, ...DataSourceConfig[]]): Cluster {
  const { properties } = dataSources[0];
  const http = new HttpClient({ headers: authorization(properties) });
  const urls = properties['druid.overlord.urls'];
  const server = properties['zookeeper.connect'];
  const zookeeper = server === undefined ? undefined : zooKeeperClient(server, properties, silentLogger);
  const addresses =
    urls === undefined && zookeeper !== undefined
      ? new ZooKeeperDiscovery(zookeeper, properties['druid.discovery.curator.path']).overlords(
          properties['druid.selectors.indexing.serviceName'],
        )
      : overlordUrls(urls ?? []);
  return {
    dataSources,
    http,
    addresses,
    overlord: new OverlordClient(http, addresses),
    ...(zookeeper === undefined ? {} : { zookeeper }),
    async close() {
      await Promise.all([http.close(), zookeeper?.close()]);
    },
  };
}
