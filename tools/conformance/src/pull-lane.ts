import {
  consumerProperties,
  Endpoint,
  HttpClient,
  ManagedSupervisor,
  OverlordClient,
  overlordUrls,
  Supervisors,
  systemClock,
  type EndpointOptions,
} from '@tranquility-js/core/internal';
import { numberedConfig } from './numbered-rows.js';

type Topic = EndpointOptions['topics'] extends ReadonlyMap<string, infer T> ? T : never;

export interface PullLaneOptions {
  readonly overlord: string;
  readonly dataSource: string;
  readonly partitions: Topic;
  /** Default 1. */
  readonly taskCount?: number;
  /** Default 1. */
  readonly replicas?: number;
}

/** An endpoint for logs, and supervisors that make a Druid read them. */
export class PullLane implements AsyncDisposable {
  readonly #options: PullLaneOptions;
  readonly #http = new HttpClient();
  #endpoint: Endpoint;

  private constructor(options: PullLaneOptions, endpoint: Endpoint) {
    this.#options = options;
    this.#endpoint = endpoint;
  }

  static async open(options: PullLaneOptions): Promise<PullLane> {
    return new PullLane(options, await serve(options, 0));
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /** Ends the endpoint, and starts another one at its port, after what is to be done in between. */
  async restart(between: () => Promise<void>): Promise<void> {
    const { port } = this.#endpoint;
    await this.#endpoint.close();
    await between();
    this.#endpoint = await serve(this.#options, port);
  }

  /** The supervisor, for numbered rows with these dimensions. */
  supervisor(dimensions: readonly string[], plan: { readonly taskDuration?: string } = {}): ManagedSupervisor {
    const { overlord, dataSource, taskCount = 1, replicas = 1 } = this.#options;
    const access = consumerProperties({ nodes: this.#endpoint.nodes, tls: false });
    const address = `127.0.0.1:${this.#endpoint.port}`;
    return new ManagedSupervisor(
      this.#client,
      numberedConfig(dataSource, dimensions, overlord).spec,
      {
        ...{ topic: dataSource, address, consumerProperties: access, taskCount, replicas },
        ...{ period: 'PT2S', startDelay: 'PT0S', ...plan },
      },
      quiet,
    );
  }

  /** @throws TRQ_SUPERVISOR_UNKNOWN */
  act(action: 'suspend' | 'resume' | 'terminate'): Promise<void> {
    return new Supervisors(this.#client).act(this.#options.dataSource, action, aMinute());
  }

  get #client(): OverlordClient {
    return new OverlordClient(this.#http, overlordUrls([this.#options.overlord]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint.close();
    await this.#http.close();
  }
}

function serve({ dataSource, partitions }: PullLaneOptions, port: number): Promise<Endpoint> {
  return Endpoint.start({ topics: new Map([[dataSource, partitions]]), listen: { port } });
}

const ignore = (): void => undefined;
const quiet = { error: ignore, warn: ignore, info: ignore, debug: ignore, trace: ignore };

/** A minute from now. */
export const aMinute = (): { clock: typeof systemClock; deadline: number } => ({
  clock: systemClock,
  deadline: Date.now() + 60_000,
});
