import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from './context.js';
import { describeExit, GuardedProcess } from './guarded-process.js';
import type { ProcessExit } from './guarded-process.js';
import { fileSize, readFrom, withLogTail } from './log-tail.js';

const pollMillis = 100;
const graceMillis = 20_000;
const portTaken = /Address already in use|BindException/;

/** The servers that a cluster may have. The coordinator is the overlord too. */
export type ServiceName =
  | 'zookeeper'
  | 'coordinator'
  | 'broker'
  | 'historical'
  | 'router'
  | 'middleManager'
  | 'middleManager2'
  | 'indexer'
  | 'kafka';

/** One server of a cluster. */
export interface Service {
  readonly name: ServiceName;
  /** The process id; undefined while it is stopped. */
  readonly pid: number | undefined;
  /** `http://127.0.0.1:PORT` of a Druid server, `127.0.0.1:PORT` of ZooKeeper and Kafka. The same after a restart. */
  readonly address: string;
  /** What the server prints. Every start appends to it. */
  readonly logFile: string;
  /**
   * Starts it again on the same ports with the same data. Resolves when it is healthy.
   *
   * @throws Error when it runs already, or ends, or is not healthy in time: with the end of its log.
   */
  start(): Promise<void>;
  /** Sends SIGTERM, and SIGKILL after 20 seconds. Resolves when it has ended, at once when it does not run. */
  stop(): Promise<void>;
  /** Sends SIGKILL. Resolves when it has ended. A middle manager's peons are not killed with it. */
  kill(): Promise<void>;
  /** Sends SIGSTOP: it keeps its connections but answers nothing. A middle manager's peons run on. */
  pause(): void;
  /** Sends SIGCONT: ends {@link Service.pause}. */
  resume(): void;
}

/** How to run a server. */
export interface ServerDefinition {
  readonly name: ServiceName;
  /** See {@link Service.address}. */
  readonly address: string;
  /** When a whole cluster starts: those that must be healthy before this one is started. Default none. */
  readonly after?: readonly ServiceName[];
  /** Arguments of `java`. */
  readonly args: readonly string[];
  /** Whether the server does its work. `freshLog` is what it has printed since this start. */
  isHealthy(freshLog: () => string): Promise<boolean>;
}

/** Thrown when a server found its port taken: other ports may do. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly service: ServiceName;

  constructor(service: ServiceName, message: string) {
    super(message);
    this.service = service;
  }
}

/** A {@link Service} that runs `java`. */
export class Server implements Service {
  readonly name: ServiceName;
  readonly address: string;
  readonly logFile: string;
  readonly #context: Context;
  readonly #definition: ServerDefinition;
  readonly #startTimeoutMillis: number;
  readonly #started: GuardedProcess[] = [];
  #starting: Promise<void> = Promise.resolve();

  constructor(context: Context, definition: ServerDefinition, startTimeoutMillis: number) {
    this.name = definition.name;
    this.address = definition.address;
    this.logFile = join(context.directory, definition.name, 'server.log');
    this.#context = context;
    this.#definition = definition;
    this.#startTimeoutMillis = startTimeoutMillis;
  }

  /** See {@link ServerDefinition.after}. */
  get after(): readonly ServiceName[] {
    return this.#definition.after ?? [];
  }

  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** The process groups of all its starts in which something still runs. */
  get livingGroups(): number[] {
    return this.#started.filter((started) => started.groupAlive).map((started) => started.pid);
  }

  /** `givenUp` ends the wait for its health, like the context's signal. */
  async start(givenUp?: AbortSignal): Promise<void> {
    if (this.pid !== undefined) throw new Error(`The ${this.name} runs already, as process ${this.pid}.`);
    this.#starting = this.#startAndWait(givenUp);
    try {
      await this.#starting;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.signal('SIGTERM');
    running.signal('SIGCONT');
    const timer = setTimeout(() => {
      running.signal('SIGKILL');
    }, graceMillis);
    await running.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.signal('SIGKILL');
    await running.exited;
  }

  /** Kills all that ever came of it: a middle manager's peons too. To be called after the context's signal's abort. */
  async killGroups(): Promise<void> {
    await this.#starting.catch(() => undefined);
    await Promise.all(this.#started.filter((started) => started.groupAlive).map((started) => started.killGroup()));
  }

  pause(): void {
    this.#running?.signal('SIGSTOP');
  }

  resume(): void {
    this.#running?.signal('SIGCONT');
  }

  async #startAndWait(givenUp: AbortSignal | undefined): Promise<void> {
    const { signal, warden, directory, log } = this.#context;
    signal.throwIfAborted();
    givenUp?.throwIfAborted();
    const logStart = fileSize(this.logFile);
    const freshLog = () => readFrom(this.logFile, logStart);
    const began = performance.now();
    const started = await GuardedProcess.start(warden, {
      command: 'java',
      args: this.#definition.args,
      directory: join(directory, this.name),
      logFile: this.logFile,
    });
    this.#started.push(started);
    while (!(await this.#definition.isHealthy(freshLog))) {
      signal.throwIfAborted();
      givenUp?.throwIfAborted();
      if (started.exit !== undefined) throw this.#endedEarly(started.exit, freshLog());
      if (performance.now() - began > this.#startTimeoutMillis) {
        const seconds = Math.round(this.#startTimeoutMillis / 1000);
        throw new Error(withLogTail(`The ${this.name} was not healthy after ${seconds} s.`, this.logFile));
      }
      await sleep(pollMillis);
    }
    log(`${this.name} is healthy after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }

  #endedEarly(exit: ProcessExit, freshLog: string): Error {
    const message = withLogTail(`The ${this.name} ended before it was healthy (${describeExit(exit)}).`, this.logFile);
    return portTaken.test(freshLog) ? new PortTakenError(this.name, message) : new Error(message);
  }

  get #running(): GuardedProcess | undefined {
    const last = this.#started.at(-1);
    return last?.exit === undefined ? last : undefined;
  }
}
