import { startCluster, type Cluster, type Endpoints } from '@tranquility-js/cluster';
import type { TestProject } from 'vitest/node';
import { clusterOptions } from './cluster-options.js';
import { serveControl } from './control.js';

declare module 'vitest' {
  interface ProvidedContext {
    endpoints: Endpoints;
    /** The cluster's own, which is removed in the end. */
    directory: string;
    control: string;
  }
}

/** Starts one real Druid 28 for all suites, and ends it after the last. A failed start fails the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = performance.now();
  const say = (line: string): void => {
    process.stderr.write(`[cluster ${((performance.now() - started) / 1000).toFixed(1)} s] ${line}\n`);
  };
  const cluster: Cluster = await startCluster({ ...clusterOptions, log: say });
  const control = await serveControl(cluster);
  project.provide('endpoints', cluster.endpoints);
  project.provide('directory', cluster.directory);
  project.provide('control', control.url);
  return async () => {
    control.server.close();
    await cluster.stop();
    say('stopped');
  };
}
