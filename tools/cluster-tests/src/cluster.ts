import type { Endpoints, Peon } from '@tranquility-js/cluster';
import { inject } from 'vitest';

/** The cluster that the suites share, as they see it. */
export function endpoints(): Required<Endpoints>['druid'] {
  const { druid } = inject('endpoints');
  if (druid === undefined) throw new Error('The cluster has no Druid.');
  return druid;
}

/** The cluster's ZooKeeper, `host:port`. */
export function zookeeper(): string {
  return inject('endpoints').zookeeper;
}

/** Stops, starts or kills a server of the cluster, and waits until that is done. */
export async function service(name: string, action: 'stop' | 'start' | 'kill' | 'pause' | 'resume'): Promise<void> {
  await control(`/services/${name}/${action}`);
}

/** The processes that run tasks. */
export async function peons(): Promise<Peon[]> {
  return (await control('/peons')) as Peon[];
}

async function control(path: string): Promise<unknown> {
  const response = await fetch(`${inject('control')}${path}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
