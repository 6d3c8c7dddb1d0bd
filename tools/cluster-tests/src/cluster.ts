import type { Endpoints, PeerPush, PeerResult, Peon } from '@tranquility-js/cluster';
import { inject } from 'vitest';

/** The Druid that the suites share, as they see it. */
export function endpoints(): Required<Endpoints>['druid'] {
  const { druid } = inject('endpoints');
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
  const response = await fetch(`${inject('control')}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** The cluster's ZooKeeper, `host:port`. */
export function zookeeper(): string {
  return inject('endpoints').zookeeper;
}
