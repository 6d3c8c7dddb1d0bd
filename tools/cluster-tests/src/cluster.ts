import type { Endpoints, PeerPush, PeerResult, Peon } from '@tranquility-js/cluster';

/** The cluster that runs, and the address of what steers it. */
export interface ClusterInUse {
  readonly endpoints: Endpoints;
  /** See {@link serveControl}. */
  readonly control: string;
}

let inUse: ClusterInUse | undefined;

/** Names the cluster that all here is about: that of the suites, or of one proof. */
export function useCluster(cluster: ClusterInUse): void {
  inUse = cluster;
}

function cluster(): ClusterInUse {
  if (inUse === undefined) throw new Error('There is no cluster yet: call useCluster first.');
  return inUse;
}

/** Its Druid. */
export function endpoints(): Required<Endpoints>['druid'] {
  const { druid } = cluster().endpoints;
  if (druid === undefined) throw new Error('The cluster has no Druid.');
  return druid;
}

/** Stops, starts or kills a server of the cluster, and waits until that is done. */
export async function service(name: string, action: 'stop' | 'start' | 'kill' | 'pause' | 'resume'): Promise<void> {
  await control(`/services/${name}/${action}`);
}

/** The processes that run tasks. */
export async function peons(): Promise<Peon[]> {
  return (await control('/peons')) as Peon[];
}

/** Sends events with the JVM Tranquility. */
export async function pushWithPeer(push: PeerPush): Promise<PeerResult> {
  return (await control('/peer', push)) as PeerResult;
}

async function control(path: string, body: unknown = {}): Promise<unknown> {
  const response = await fetch(`${cluster().control}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** The cluster's ZooKeeper, `host:port`. */
export function zookeeper(): string {
  return cluster().endpoints.zookeeper;
}
