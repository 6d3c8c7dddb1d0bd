import type { DataSourceConfig } from '../config/config.js';
import { Secret } from '../config/secret.js';
import { readConnections } from '../druid/connections.js';
import { druidAccess, type DruidAccess } from '../druid/druid-access.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { silentLogger } from '../observe/logger.js';
import { systemClock } from '../time/clock.js';

/** A Druid, and dataSources that reach it in the same way. */
export interface Cluster extends DruidAccess {
  readonly dataSources: readonly DataSourceConfig[];
}

/**
 * Does some work at each Druid that dataSources go to, at all of them together. What reaches one in different ways counts as several.
 * @throws TRQ_CONFIG_INVALID for a file of keys or certificates that cannot be used.
 */
export async function atEachCluster<T>(
  dataSources: readonly DataSourceConfig[],
  work: (cluster: Cluster) => Promise<T>,
): Promise<T[]> {
  return Promise.all(
    groupsOf(dataSources).map(async (group) => {
      const { properties } = group[0];
      const connections = await readConnections(properties, systemClock.now(), {});
      const cluster = { dataSources: group, ...druidAccess(properties, connections, silentLogger) };
      try {
        return await work(cluster);
      } finally {
        await cluster.close();
      }
    }),
  );
}

type Group = [DataSourceConfig, ...DataSourceConfig[]];

/** Those together that reach Druid in the same way. */
function groupsOf(dataSources: readonly DataSourceConfig[]): Group[] {
  const groups = new Map<string, Group>();
  for (const dataSource of dataSources) {
    const way = JSON.stringify(
      Object.entries(dataSource.properties)
        .filter(([name]) => /^(druid|druidBeam|zookeeper)\./.test(name))
        .map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
    );
    const group = groups.get(way);
    if (group === undefined) groups.set(way, [dataSource]);
    else group.push(dataSource);
  }
  return [...groups.values()];
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
