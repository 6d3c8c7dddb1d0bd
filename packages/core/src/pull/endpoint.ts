import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { silentLogger, type Logger } from '../observe/logger.js';
import { serverOptions, type TlsServer } from '../transport/tls-files.js';
import { ByteBudget } from './byte-budget.js';
import { Connection } from './connection.js';
import { EndpointSession } from './endpoint-session.js';
import { FetchLedger, type PartitionReading } from './fetch-ledger.js';
import { Fetcher } from './fetcher.js';
import { defaultLimits, type EndpointLimits } from './limits.js';
import { Sasl, type SaslOptions } from './sasl.js';
import type { EndpointNode, Topics } from './topics.js';

export interface EndpointOptions {
  /** What is served. Read anew for each request, so that it may change. */
  readonly topics: Topics;
  /** Where to listen. Default: 127.0.0.1, and a port that is free. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /**
   * All nodes that serve these topics, this one among them. Default: this one alone, with id 0, at the address where it listens. Each
   * node's host and port must be such that Druid reaches it.
   */
  readonly nodes?: readonly EndpointNode[];
  /** Default: plain TCP. */
  readonly tls?: TlsServer;
  /** Default: whoever reaches it may read. */
  readonly sasl?: SaslOptions;
  readonly limits?: Partial<EndpointLimits>;
  readonly logger?: Logger;
}

/** What became of connections so far. */
export interface ConnectionCounts {
  readonly open: number;
  readonly accepted: number;
  /** Closed by us: a request that makes no sense, or one that is too slow, too large or not allowed. */
  readonly refused: number;
  /** Not accepted, since there were too many. */
  readonly tooMany: number;
}

/**
 * Serves logs to readers of the Kafka protocol, such as Druid's Kafka supervisor: the few requests that a reader needs which asks for
 * partitions itself, without a consumer group. Nothing can be written through it.
 */
export class Endpoint {
  readonly #server: Server;
  readonly #ledger: FetchLedger;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<Connection>();
  readonly #limits: EndpointLimits;
  readonly #logger: Logger;
  #nodes: readonly EndpointNode[] = [];
  #accepted = 0;
  #refused = 0;
  #tooMany = 0;

  private constructor(options: EndpointOptions) {
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#logger = options.logger ?? silentLogger;
    this.#ledger = new FetchLedger(this.#logger);
    this.#server = createServerOf(options, this.#limits);
    this.#server.maxConnections = this.#limits.connections;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', (error: Error) => this.#refuse(messageOf(error)));
    this.#server.on('drop', () => {
      if (this.#tooMany++ === 0) {
        this.#logger.warn(`More than ${this.#limits.connections} readers are connected: the next are refused.`);
      }
    });
  }

  /**
   * Listens.
   * @throws TRQ_ENDPOINT_FAILED when it cannot: the port is taken, the host is none of this machine, the certificate is unusable.
   */
  static async start(options: EndpointOptions): Promise<Endpoint> {
    const { host = '127.0.0.1', port = 0 } = options.listen ?? {};
    try {
      const endpoint = new Endpoint(options);
      endpoint.#server.listen({ host, port });
      await once(endpoint.#server, 'listening');
      endpoint.#serve(options, host);
      return endpoint;
    } catch (error) {
      throw new TranquilityError(
        'TRQ_ENDPOINT_FAILED',
        `The endpoint from which Druid reads cannot listen at ${host}:${port}: ${messageOf(error)}. Check the address that it is given, its certificate and its key, and who else uses the port.`,
        { cause: error, details: { host, port } },
      );
    }
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** As readers are told. */
  get nodes(): readonly EndpointNode[] {
    return this.#nodes;
  }

  get connections(): ConnectionCounts {
    return { open: this.#connections.size, accepted: this.#accepted, refused: this.#refused, tooMany: this.#tooMany };
  }

  /** What readers have done with a partition; `undefined` when nobody has asked for it. */
  reading(topic: string, partition: number): PartitionReading | undefined {
    return this.#ledger.reading(topic, partition);
  }

  /** Ends all connections and stops to listen. Readers come back by themselves when it is there again. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections) connection.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve({ nodes, topics, sasl, tls }: EndpointOptions, host: string): void {
    this.#nodes = nodes ?? [{ id: 0, host, port: this.port }];
    const budget = new ByteBudget(this.#limits.pendingBytes);
    const served = {
      ...{ topics, nodes: this.#nodes, budget },
      fetcher: new Fetcher({ topics, budget, limits: this.#limits, ledger: this.#ledger, logger: this.#logger }),
      sasl: sasl === undefined ? undefined : new Sasl(sasl),
    };
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#accept(socket, new EndpointSession(served));
    });
    this.#warnOfOpenness(host, tls, served.sasl);
  }

  #accept(socket: Socket, session: EndpointSession): void {
    const { remoteAddress = 'an address that is gone', remotePort = 0 } = socket;
    const connection = new Connection(socket, session, this.#limits);
    this.#accepted++;
    this.#connections.add(connection);
    void connection.ended.then((reason) => {
      this.#connections.delete(connection);
      if (reason !== undefined) this.#refuse(`${remoteAddress}:${remotePort}: ${reason}`);
    });
  }

  #refuse(reason: string): void {
    this.#refused++;
    this.#logger.debug(`A connection was closed: ${reason}.`);
  }

  #warnOfOpenness(host: string, tls: TlsServer | undefined, sasl: Sasl | undefined): void {
    if (/^(127\.|::1$|localhost$)/.test(host)) return;
    if (sasl === undefined && tls?.authorities === undefined) {
      this.#logger.warn(
        `Whoever reaches ${host}:${this.port} can read all events there. Ask readers for a certificate or a password, or keep strangers out of the network.`,
      );
    } else if (tls === undefined && sasl?.mechanisms.includes('PLAIN') === true) {
      this.#logger.warn(`Readers send their passwords to ${host}:${this.port} as they are. Use TLS, or SCRAM.`);
    }
  }
}

function createServerOf({ tls }: EndpointOptions, limits: EndpointLimits): Server {
  if (tls === undefined) return createServer();
  return createTlsServer({ ...serverOptions(tls), handshakeTimeout: limits.handshake });
}
