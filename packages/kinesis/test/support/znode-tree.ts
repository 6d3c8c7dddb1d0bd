import { TranquilityError } from '@tranquility-js/core';
import type { Znodes } from '../../src/leases/zookeeper-lease-store.js';

type Weather = 'request lost' | 'answer lost' | undefined;

interface Node {
  data: Buffer;
  version: number;
}

/**
 * The nodes of a ZooKeeper, with its rules for versions, as a client sees them whose connection breaks when a test says so. What a real one does
 * is for the cluster suites.
 */
export class ZnodeTree implements Znodes {
  readonly nodes = new Map<string, Node>();
  /** Does something before a request, such as `setData /a`, and says what is lost of it. */
  script: (request: string) => Weather = () => undefined;

  /** Puts a node there, or over its data. */
  put(path: string, data: Buffer): void {
    this.nodes.set(path, { data, version: (this.nodes.get(path)?.version ?? -1) + 1 });
  }

  create(path: string, data: Buffer): Promise<string> {
    return this.#ask('create', path, () => {
      if (!this.nodes.has(parentOf(path))) throw refused('NO_NODE');
      if (this.nodes.has(path)) throw refused('NODE_EXISTS');
      this.put(path, data);
      return path;
    });
  }

  ensure(path: string): Promise<void> {
    return this.#ask('ensure', path, () => {
      if (!this.nodes.has(path)) this.put(path, Buffer.alloc(0));
    });
  }

  getChildren(path: string): Promise<string[] | undefined> {
    return this.#ask('getChildren', path, () => {
      if (!this.nodes.has(path)) return undefined;
      const children = [...this.nodes.keys()].filter((other) => parentOf(other) === path);
      return children.map((child) => child.slice(path.length + 1));
    });
  }

  getData(path: string): ReturnType<Znodes['getData']> {
    return this.#ask('getData', path, () => {
      const node = this.nodes.get(path);
      return node && { data: node.data, stat: { version: node.version, ephemeralOwner: 0n } };
    });
  }

  setData(path: string, data: Buffer, version: number): ReturnType<Znodes['setData']> {
    return this.#ask('setData', path, () => {
      this.#ofVersion(path, version);
      this.put(path, data);
      return { version: version + 1, ephemeralOwner: 0n };
    });
  }

  remove(path: string, { version }: { readonly version?: number } = {}): Promise<boolean> {
    return this.#ask('remove', path, () => {
      if (!this.nodes.has(path)) return false;
      if (version !== undefined) this.#ofVersion(path, version);
      return this.nodes.delete(path);
    });
  }

  sync(path: string): Promise<void> {
    return this.#ask('sync', path, () => undefined);
  }

  /** The fields of a node. */
  fields(path: string): Readonly<Record<string, unknown>> {
    return JSON.parse(String(this.nodes.get(path)?.data)) as Readonly<Record<string, unknown>>;
  }

  #ofVersion(path: string, version: number): void {
    const node = this.nodes.get(path);
    if (node === undefined) throw refused('NO_NODE');
    if (node.version !== version) throw refused('BAD_VERSION');
  }

  async #ask<T>(name: string, path: string, work: () => T): Promise<T> {
    await Promise.resolve();
    const weather = this.script(`${name} ${path}`);
    if (weather === 'request lost') throw lost();
    const answer = work();
    if (weather === 'answer lost') throw lost();
    return answer;
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** ZooKeeper does not do it, for a reason of the client's. */
export const refused = (zookeeper: string): TranquilityError =>
  new TranquilityError('TRQ_ZOOKEEPER_REFUSED', `Refused: ${zookeeper}.`, { details: { zookeeper } });

const lost = (): TranquilityError =>
  new TranquilityError('TRQ_ZOOKEEPER_UNREACHABLE', 'The connection broke.', {
    details: { zookeeper: 'CONNECTION_LOSS' },
  });
