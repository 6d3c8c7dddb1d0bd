import type { DataSourceConfig } from '../config/config.js';
import { timerMillis } from '../time/timer-millis.js';
import { atEachCluster, type Cluster } from './cluster.js';
import { failure, type Finding } from './finding.js';
import { probeOverlord } from './overlord-probe.js';
import { probeZooKeeper } from './zookeeper-probe.js';

export interface ProbeOptions {
  /** How long to wait for each answer, in milliseconds. Default 5 s. */
  readonly timeout?: number;
}

/**
 * Looks whether events can be sent: at ZooKeeper where it is used, at every overlord, at the version and the workers of Druid. It creates no
 * tasks, and leaves nothing behind. What is wrong is a finding, never thrown.
 */
export async function probe(
  dataSources: readonly DataSourceConfig[],
  options: ProbeOptions = {},
): Promise<readonly Finding[]> {
  const timeout = timerMillis(options.timeout ?? 5_000);
  const findings = await atEachCluster(dataSources, async (cluster) => {
    const { zookeeper } = cluster;
    if (zookeeper === undefined) return probeOverlord(cluster, timeout);
    const found = await probeZooKeeper(cluster, zookeeper.client, timeout);
    if (isDown(found) && isFoundThere(cluster)) {
      return [...found, failure('overlord', 'The overlord was not asked: it is found through ZooKeeper.')];
    }
    return [...found, ...(await probeOverlord(cluster, timeout))];
  });
  return findings.flat();
}

const isDown = (found: readonly Finding[]): boolean =>
  found.some(({ check, status }) => check === 'zookeeper' && status === 'failure');

const isFoundThere = ({ dataSources }: Cluster): boolean =>
  dataSources.some(({ properties }) => properties['druid.overlord.urls'] === undefined);
