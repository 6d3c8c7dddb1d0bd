import { TranquilityError } from '../errors/tranquility-error.js';
import type { RequestOptions } from '../zookeeper/request.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import { reasonOf, type Reason } from '../zookeeper/zookeeper-error.js';
import { decodeState, emptyState, encodeState, type BeamState } from './beam-state.js';

/** A state that was read, and which version of the node it was; no version where there is no node. */
export interface StoredState {
  readonly state: BeamState;
  readonly version: number | undefined;
}

/** After these nobody knows, or somebody else was quicker: what counts is what is there now. */
const lookAgain: readonly (Reason | undefined)[] = ['BAD_VERSION', 'CONNECTION_LOSS', 'NODE_EXISTS', 'NO_NODE'];

/** The node that holds the state of a dataSource. */
export class StateNode {
  readonly path: string;
  readonly #client: ZooKeeperClient;

  constructor(client: ZooKeeperClient, path: string) {
    this.#client = client;
    this.path = path;
  }

  /** What our server knows, which may be late. @throws TRQ_ZOOKEEPER_STATE_CORRUPT. */
  async read(options: RequestOptions): Promise<StoredState> {
    const node = await this.#client.getData(this.path, options);
    if (node === undefined) return { state: emptyState, version: undefined };
    return { state: decodeState(node.data, this.path), version: node.stat.version };
  }

  /** What was written last by anybody. @throws TRQ_ZOOKEEPER_STATE_CORRUPT. */
  async readLatest(options: RequestOptions): Promise<StoredState> {
    await this.#client.sync(this.path, options);
    return this.read(options);
  }

  /**
   * Writes over exactly the version that was read, so that a holder of the lock who lost it without noticing changes nothing.
   * @returns why it may not have been written: read again, and decide anew.
   */
  async write(state: BeamState, version: number | undefined, options: RequestOptions): Promise<Error | undefined> {
    try {
      if (version !== undefined) {
        await this.#client.setData(this.path, encodeState(state), version, options);
        return undefined;
      }
      await this.#client.ensure(this.path.slice(0, this.path.lastIndexOf('/')), options);
      await this.#client.create(this.path, encodeState(state), 'persistent', options);
      return undefined;
    } catch (error) {
      if (error instanceof TranquilityError && lookAgain.includes(reasonOf(error))) return error;
      throw error;
    }
  }
}
