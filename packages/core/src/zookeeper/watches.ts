/** What of a node is watched. */
export type WatchKind = 'data' | 'children';

/** Told once that something may have changed: look again. */
export type Watcher = () => void;

const eventTypes = { created: 1, deleted: 2, dataChanged: 3, childrenChanged: 4 } as const;

/**
 * The watches that ZooKeeper keeps for us. As each of them lives on one connection only, all of them fire when there is a new
 * one: a change may have been missed, and whoever looks again watches again.
 */
export class Watches {
  readonly #watchers = new Map<string, Set<Watcher>>();

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const key = keyOf(kind, path);
    const others = this.#watchers.get(key);
    if (others === undefined) this.#watchers.set(key, new Set([watcher]));
    else others.add(watcher);
  }

  /** An event of the protocol. */
  onEvent(type: number, path: string): void {
    if (type !== eventTypes.childrenChanged) this.#fire(keyOf('data', path));
    if (type === eventTypes.childrenChanged || type === eventTypes.deleted) this.#fire(keyOf('children', path));
  }

  fireAll(): void {
    for (const key of [...this.#watchers.keys()]) this.#fire(key);
  }

  clear(): void {
    this.#watchers.clear();
  }

  #fire(key: string): void {
    const watchers = this.#watchers.get(key) ?? [];
    this.#watchers.delete(key);
    for (const watcher of watchers) watcher();
  }
}

const keyOf = (kind: WatchKind, path: string): string => `${kind} ${path}`;
