import type { DataSourceConfig } from '../config/config.js';
import { StateNode } from '../coordination/state-node.js';
import { messageOf } from '../errors/tranquility-error.js';
import { statePath } from '../realtime/backends.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import type { Cluster } from './cluster.js';
import { failure, ok, type Finding } from './finding.js';

/** Whether there is a session to be had, and the state of each dataSource that is kept there can be read and written. */
export async function probeZooKeeper(
  { dataSources }: Cluster,
  client: ZooKeeperClient,
  timeout: number,
): Promise<Finding[]> {
  const connect = String(dataSources[0]?.properties['zookeeper.connect']);
  try {
    await client.session({ timeout });
    if ((await client.exists('/', { timeout })) === undefined) {
      const remedy = 'Create it, or leave it out of zookeeper.connect.';
      return [failure('zookeeper', `The path at the end of ${connect} does not exist in ZooKeeper.`, remedy)];
    }
  } catch (error) {
    return [failure('zookeeper', messageOf(error))];
  }
  const kept = dataSources.filter(({ properties }) => properties['tranquility.coordination'] === 'zookeeper');
  const states = await Promise.all(kept.map((dataSource) => probeState(dataSource, client, timeout)));
  return [ok('zookeeper', `${connect} gives us a session.`), ...states];
}

async function probeState(dataSource: DataSourceConfig, client: ZooKeeperClient, timeout: number): Promise<Finding> {
  const path = statePath(dataSource);
  try {
    const { state } = await new StateNode(client, `${path}/data`).read({ timeout });
    await tryToWrite(await nearestNode(path, client, timeout), client, timeout);
    return ok('state', `${path} can be written; it holds ${state.beams.size} segments.`);
  } catch (error) {
    return failure('state', messageOf(error));
  }
}

/** The node of the path, or the nearest above it that exists. */
async function nearestNode(path: string, client: ZooKeeperClient, timeout: number): Promise<string> {
  if (path === '' || (await client.exists(path, { timeout })) !== undefined) return path;
  return nearestNode(path.slice(0, path.lastIndexOf('/')), client, timeout);
}

/** Creates a node under another, which ends with our session at the latest. */
async function tryToWrite(path: string, client: ZooKeeperClient, timeout: number): Promise<void> {
  const made = await client.create(`${path}/tranquility-probe-`, Buffer.alloc(0), 'ephemeralSequential', { timeout });
  await client.remove(made, { timeout });
}
