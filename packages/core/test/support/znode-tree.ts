import type { JuteWriter } from '../../src/zookeeper/jute.js';

/** A node of a {@link ZnodeTree}. */
export interface Znode {
  data: Buffer;
  version: number;
  owner: bigint;
  nextChild: number;
}

/** The nodes of a ZooKeeper, by their paths. */
export class ZnodeTree {
  readonly nodes = new Map<string, Znode>([['/', newNode(Buffer.alloc(0), 0n)]]);

  /** Puts a node there, and its parents. */
  put(path: string, data: string): void {
    for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (!this.nodes.has(parent)) this.nodes.set(parent, newNode(Buffer.alloc(0), 0n));
    }
    const version = (this.nodes.get(path)?.version ?? -1) + 1;
    this.nodes.set(path, { ...newNode(Buffer.from(data), 0n), version });
  }

  text(path: string): string | undefined {
    return this.nodes.get(path)?.data.toString();
  }

  childrenOf(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    return [...this.nodes.keys()]
      .filter((name) => name.startsWith(prefix) && name.length > prefix.length && !name.includes('/', prefix.length))
      .map((name) => name.slice(prefix.length));
  }
}

export const newNode = (data: Buffer, owner: bigint): Znode => ({ data, owner, version: 0, nextChild: 0 });

/** The `Stat` of the protocol. */
export function writeStat(writer: JuteWriter, { version, owner, data }: Znode): void {
  writer.long(1n).long(1n).long(0n).long(0n).int(version).int(0).int(0).long(owner).int(data.length).int(0).long(1n);
}
