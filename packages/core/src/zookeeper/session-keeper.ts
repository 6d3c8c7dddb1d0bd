import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../observe/logger.js';
import type { Ensemble, ServerAddress } from '../config/connect-string.js';
import type { TlsClient } from '../transport/tls-client.js';
import { Connection, type AuthInfo, type ConnectionOwner, type Grant } from './connection.js';
import type { Request } from './request.js';
import { Watches } from './watches.js';
import { sessionExpired, unreachable } from './zookeeper-error.js';

/** A ZooKeeper session. Its ephemeral nodes live as long as it does. */
export interface Session {
  readonly id: bigint;
  /** Aborts when it has expired, or may have: with TRQ_ZOOKEEPER_SESSION_EXPIRED. */
  readonly signal: AbortSignal;
}

export interface KeeperOptions {
  readonly ensemble: Ensemble;
  /** How long a session outlives its connections, in milliseconds. The server may grant another time. */
  readonly timeout: number;
  readonly tls: TlsClient | undefined;
  readonly auth: AuthInfo | undefined;
  readonly logger: Logger;
  /** The servers' text for messages. */
  readonly servers: string;
}

interface LiveSession extends Session {
  readonly grant: Grant;
  readonly controller: AbortController;
}

const newSession = { id: 0n, password: Buffer.alloc(16) };
const longestAttempt = 5_000;
const shortestAttempt = 300;
const wait = { first: 100, longest: 1_000, jitter: 0.5 };
const stableAfter = 1_000;
const closeTimeout = 2_000;

/**
 * Keeps a session with an ensemble over one connection after another, and makes a new session when it has expired. By its own
 * watch too: a session that no server can have heard of for its timeout is over, whether or not a server says so.
 */
export class SessionKeeper {
  readonly #options: KeeperOptions;
  readonly #watches = new Watches();
  readonly #ending = new AbortController();
  #queue: Request[] = [];
  #connection: Connection | undefined;
  #isReady = false;
  #session: LiveSession | undefined;
  #acknowledgedAt = 0;
  #expiry: NodeJS.Timeout | undefined;
  #lastZxid = 0n;
  #running: Promise<void> | undefined;
  /** What went wrong last, for the messages of requests that time out. */
  trouble: string | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  get session(): Session | undefined {
    return this.#isReady ? this.#session : undefined;
  }

  /** Sends a request as soon as there is a connection; the first one makes it. */
  submit(request: Request): void {
    if (this.#ending.signal.aborted) {
      request.fail(this.#unanswered(request, 'the client was closed', 'CLOSED'));
      return;
    }
    this.#running ??= this.#run();
    if (this.#isReady) this.#connection?.send(request);
    else this.#queue.push(request);
  }

  /** Ends the session, within two seconds. What is under way fails. */
  async close(): Promise<void> {
    if (!this.#ending.signal.aborted) {
      this.#ending.abort();
      const wasReady = this.#isReady;
      this.#dropSession('because the client was closed');
      if (wasReady) await this.#closeSession();
      this.#connection?.end(new Error('the client was closed'));
      for (const request of this.#queue) request.fail(this.#unanswered(request, 'the client was closed', 'CLOSED'));
      this.#queue = [];
      this.#watches.clear();
    }
    await this.#running;
  }

  async #closeSession(): Promise<void> {
    this.#connection?.closeSession();
    const waiting = new AbortController();
    const timeout = sleep(closeTimeout, undefined, { signal: waiting.signal }).catch(() => undefined);
    await Promise.race([this.#connection?.ended, timeout]);
    waiting.abort();
  }

  async #run(): Promise<void> {
    const { servers } = this.#options.ensemble;
    const offset = Math.floor(Math.random() * servers.length);
    for (let attempt = offset, failures = 0; !this.#ending.signal.aborted; attempt++) {
      const server = servers[attempt % servers.length];
      if (server === undefined) return;
      const served = await this.#serve(server, failures);
      failures = served === 'never' ? failures + 1 : served === 'briefly' ? servers.length : 0;
      await this.#pause(Math.floor(failures / servers.length));
    }
  }

  /** Uses one connection until it ends, and tells how long it was good. */
  async #serve(server: ServerAddress, failures: number): Promise<'never' | 'briefly' | 'well'> {
    const { ensemble, timeout, tls, auth, logger } = this.#options;
    const session = this.#session?.grant ?? { ...newSession, timeout };
    const share = session.timeout / (3 * ensemble.servers.length);
    const attemptTimeout = Math.round(Math.min(longestAttempt, Math.max(shortestAttempt, share) * (1 + failures)));
    let grantedAt: number | undefined;
    const owner: ConnectionOwner = {
      granted: (grant) => {
        grantedAt = performance.now();
        this.#onGrant(grant);
      },
      acknowledged: (sentAt) => {
        this.#acknowledgedAt = Math.max(this.#acknowledgedAt, sentAt);
      },
      seen: (zxid) => {
        this.#lastZxid = zxid;
      },
      watchSet: ({ operation, watcher }) => {
        if (operation.watches !== undefined && watcher !== undefined) {
          this.#watches.add(operation.watches, operation.path, watcher);
        }
      },
      watchFired: (type, path) => {
        this.#watches.onEvent(type, path);
      },
    };
    const common = { chroot: ensemble.chroot, tls, auth, lastZxid: this.#lastZxid };
    const connection = new Connection({ ...common, server, session, attemptTimeout }, owner);
    this.#connection = connection;
    const reason = await connection.ended;
    this.#isReady = false;
    this.trouble = reason.message;
    if (!this.#ending.signal.aborted) logger.debug(`A connection to ZooKeeper ended: ${reason.message}`);
    this.#takeBack(connection.unanswered, reason);
    if (grantedAt === undefined) return 'never';
    return performance.now() - grantedAt > stableAfter ? 'well' : 'briefly';
  }

  #onGrant(grant: Grant): void {
    if (grant.timeout === 0) {
      this.#expire('while we were not connected');
      return;
    }
    if (this.#session === undefined) {
      const controller = new AbortController();
      this.#session = { id: grant.id, grant, controller, signal: controller.signal };
      this.#watchExpiry();
      this.#options.logger.debug(`Began a ZooKeeper session of ${grant.timeout} ms`, {
        session: grant.id.toString(16),
      });
    }
    this.#isReady = true;
    for (const request of this.#queue.splice(0)) {
      if (!request.settled) this.#connection?.send(request);
    }
    this.#watches.fireAll();
  }

  /** What is safe to ask again is asked again, before all else; of the rest nobody knows whether it was done. */
  #takeBack(requests: readonly Request[], reason: Error): void {
    const again = requests.filter((request) => !request.settled && request.operation.repeatable);
    for (const request of requests) {
      if (!request.operation.repeatable) {
        request.fail(this.#unanswered(request, `the connection broke: ${reason.message}`, 'CONNECTION_LOSS'));
      }
    }
    this.#queue = [...again, ...this.#queue].filter((request) => !request.settled);
    if (!this.#ending.signal.aborted) return;
    for (const request of this.#queue.splice(0)) {
      request.fail(this.#unanswered(request, 'the client was closed', 'CLOSED'));
    }
  }

  #watchExpiry(): void {
    const timeout = this.#session?.grant.timeout ?? 0;
    const left = this.#acknowledgedAt + timeout - performance.now();
    if (left <= 0) {
      this.#expire(`because no server has been heard for ${timeout} ms`);
      return;
    }
    this.#expiry = setTimeout(() => this.#watchExpiry(), Math.ceil(left));
  }

  #expire(why: string): void {
    this.#options.logger.warn(`The ZooKeeper session expired ${why}`);
    this.#dropSession(why);
    this.#connection?.end(new Error(`the session expired ${why}`));
    for (const request of this.#queue) {
      if (!request.operation.repeatable) request.fail(sessionExpired(`before ${request.text} was sent`));
    }
  }

  /** A new session may see an ensemble that was set up anew, so what the old one has seen no longer counts. */
  #dropSession(why: string): void {
    clearTimeout(this.#expiry);
    const session = this.#session;
    this.#session = undefined;
    this.#isReady = false;
    this.#lastZxid = 0n;
    session?.controller.abort(sessionExpired(why));
  }

  async #pause(rounds: number): Promise<void> {
    const ceiling = Math.min(wait.longest, rounds === 0 ? wait.first / 2 : wait.first * 2 ** Math.min(rounds, 10));
    const millis = ceiling * (1 - wait.jitter * Math.random());
    await sleep(millis, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }

  #unanswered(request: Request, why: string, reason: 'CLOSED' | 'CONNECTION_LOSS'): Error {
    return unreachable(request.text, why, reason, this.#options.servers);
  }
}
