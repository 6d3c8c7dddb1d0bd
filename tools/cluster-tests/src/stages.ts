import type { Server } from 'node:http';
import { startCluster, type Cluster, type ClusterOptions } from '@tranquility-js/cluster';
import { useCluster } from './cluster.js';
import { serveControl } from './control.js';

/** The cluster of the case before, for as long as the next one needs the same. */
export class Stages implements AsyncDisposable {
  readonly #tell: (line: string) => void;
  #current: { readonly options: ClusterOptions; readonly cluster: Cluster; readonly control: Server } | undefined;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Makes sure that a cluster made from these very options is the one in use. */
  async enter(options: ClusterOptions): Promise<void> {
    if (this.#current?.options === options) return;
    await this[Symbol.asyncDispose]();
    const cluster = await startCluster({ ...options, log: this.#tell });
    const { url, server } = await serveControl(cluster);
    this.#current = { options, cluster, control: server };
    useCluster({ endpoints: cluster.endpoints, control: url });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    current?.control.close();
    await current?.cluster.stop();
  }
}
