import { readConnectString, serverText } from '../config/connect-string.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { silentLogger, type Logger } from '../observe/logger.js';
import { timerMillis } from '../time/timer-millis.js';
import type { TlsClient } from '../transport/tls-client.js';
import type { AuthInfo } from './connection.js';
import * as protocol from './protocol.js';
import type { CreateMode, NodeData, Operation, Stat } from './protocol.js';
import { Request, type RequestOptions } from './request.js';
import { SessionKeeper, type Session } from './session-keeper.js';
import type { Watcher } from './watches.js';
import { reasonOf, refused, unreachable, type Reason } from './zookeeper-error.js';

export interface ZooKeeperOptions {
  /** `host:port,host:port/chroot`. */
  readonly connect: string;
  /** The session's timeout in milliseconds; servers grant between 2 and 20 of their ticks. */
  readonly timeout: number;
  /** Milliseconds for a request that does not say how long it may take, waiting for a connection included. Default: the session's timeout. */
  readonly requestTimeout?: number;
  /** Speak TLS. */
  readonly tls?: TlsClient;
  /** Whom ZooKeeper's ACLs shall take us for. */
  readonly auth?: AuthInfo;
  readonly logger?: Logger;
}

/** A look at a node, and who is told once when another look is worth it. */
export interface LookOptions extends RequestOptions {
  readonly watch?: Watcher;
}

/** Which node is removed. */
export interface RemoveOptions extends RequestOptions {
  /** Rejects with the reason BAD_VERSION where its data has another version. Default: any. */
  readonly version?: number;
}

const longestData = 1_048_576 - 1_024;

/**
 * A client of ZooKeeper. Nothing is connected before the first request. Requests wait for a connection, and reject at their
 * deadline at the latest; reads that a broken connection left open are repeated on the next one, writes are not, as they may
 * have been done.
 * @throws from every request: TRQ_ZOOKEEPER_UNREACHABLE, TRQ_ZOOKEEPER_REFUSED, TRQ_ZOOKEEPER_SESSION_EXPIRED.
 */
export class ZooKeeperClient {
  readonly #keeper: SessionKeeper;
  readonly #requestTimeout: number;
  readonly #servers: string;

  /** @throws TRQ_CONFIG_INVALID for a connect string that is none. */
  constructor(options: ZooKeeperOptions) {
    const { timeout, requestTimeout = timeout, logger = silentLogger, tls, auth } = options;
    const ensemble = readConnectString(options.connect);
    if (ensemble === undefined) {
      throw new TranquilityError(
        'TRQ_CONFIG_INVALID',
        `No servers can be read from ${JSON.stringify(options.connect)}.`,
      );
    }
    this.#servers = ensemble.servers.map(serverText).join(', ');
    this.#requestTimeout = requestTimeout;
    this.#keeper = new SessionKeeper({
      ensemble,
      timeout: timerMillis(timeout),
      tls,
      auth,
      logger,
      servers: this.#servers,
    });
  }

  /** The session that lives now; waits until there is one. */
  async session(options: RequestOptions = {}): Promise<Session> {
    for (;;) {
      await this.exists('/', options);
      const { session } = this.#keeper;
      if (session !== undefined) return session;
    }
  }

  /** Creates a node under a parent that exists, and gives its path, with its number if it is sequential. */
  async create(path: string, data: Buffer, mode: CreateMode, options: RequestOptions = {}): Promise<string> {
    if (data.length > longestData) throw refused(`create of ${path}`, 'TOO_LARGE');
    const created = await this.#request(protocol.create(path, data, mode), options);
    return path.slice(0, path.lastIndexOf('/') + 1) + created.slice(created.lastIndexOf('/') + 1);
  }

  /** Makes sure that a persistent node is there, and its parents; those that are made are empty. */
  async ensure(path: string, options: RequestOptions = {}): Promise<void> {
    if ((await this.exists(path, options)) !== undefined) return;
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '') await this.ensure(parent, options);
    try {
      await this.create(path, Buffer.alloc(0), 'persistent', options);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === 'CONNECTION_LOSS') await this.ensure(path, options);
      else if (reason === 'NO_NODE' && parent === '') throw refused(`create of ${path}`, 'NO_CHROOT');
      else if (reason !== 'NODE_EXISTS') throw error;
    }
  }

  /** @returns whether it was there. */
  async remove(path: string, { version, ...options }: RemoveOptions = {}): Promise<boolean> {
    return (
      (await this.#unless(
        'NO_NODE',
        this.#request(protocol.remove(path, version), options).then(() => true),
      )) ?? false
    );
  }

  exists(path: string, options: LookOptions = {}): Promise<Stat | undefined> {
    return this.#unless('NO_NODE', this.#request(protocol.exists(path), options));
  }

  /** @returns `undefined` when there is no such node; it is not watched then. */
  getData(path: string, options: LookOptions = {}): Promise<NodeData | undefined> {
    return this.#unless('NO_NODE', this.#request(protocol.getData(path), options));
  }

  /** Writes over the data of this version; rejects with the reason BAD_VERSION when it has another one. */
  async setData(path: string, data: Buffer, version: number, options: RequestOptions = {}): Promise<Stat> {
    if (data.length > longestData) throw refused(`setData of ${path}`, 'TOO_LARGE');
    return this.#request(protocol.setData(path, data, version), options);
  }

  /** The names of the children. @returns `undefined` when there is no such node; it is not watched then. */
  getChildren(path: string, options: LookOptions = {}): Promise<string[] | undefined> {
    return this.#unless('NO_NODE', this.#request(protocol.getChildren(path), options));
  }

  /** Lets the server that we are connected to catch up with all that was written before. */
  async sync(path: string, options: RequestOptions = {}): Promise<void> {
    await this.#request(protocol.sync(path), options);
  }

  /** Ends the session and its ephemeral nodes, within two seconds; what is under way fails. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  #request<T>(operation: Operation<T>, options: LookOptions): Promise<T> {
    const { timeout = this.#requestTimeout } = options;
    const onTimeout = (): Error => {
      const { trouble } = this.#keeper;
      const last = trouble === undefined || this.#keeper.session !== undefined ? '' : `; ${trouble}`;
      const what = `${operation.name} of ${operation.path}`;
      return unreachable(what, `nothing within ${Math.round(timeout)} ms${last}`, 'TIMEOUT', this.#servers);
    };
    const request = new Request(operation, options.watch, timeout, onTimeout, options.signal);
    this.#keeper.submit(request as Request);
    return request.answer;
  }

  async #unless<T>(expected: Reason, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (reasonOf(error) === expected) return undefined;
      throw error;
    }
  }
}
