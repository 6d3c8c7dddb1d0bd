import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureArchives, noClassSharing } from './archive.js';
import { cacheDirectory } from './cache.js';
import type { Context } from './context.js';
import { findJava, provedJava } from './java.js';
import { launch } from './launch.js';
import type { KafkaListeners, Launched } from './launch.js';
import { planOf } from './options.js';
import type { ClusterOptions, Plan } from './options.js';
import { resolveParts } from './parts.js';
import { preparePeer, runPeer } from './peer.js';
import type { Peer, PeerPush, PeerResult } from './peer.js';
import { listPeons } from './peons.js';
import type { Peon } from './peons.js';
import { releasePorts } from '@tranquility-js/ports';
import type { Server, Service, ServiceName } from './server.js';
import { Warden } from './warden.js';

/** Where the servers of a cluster listen. Can be written as JSON. */
export interface Endpoints {
  /** `127.0.0.1:PORT` */
  readonly zookeeper: string;
  /** Absent in a cluster without Druid. All but the version are `http://127.0.0.1:PORT`. */
  readonly druid?: {
    readonly version: string;
    readonly coordinator: string;
    /** The same server as the coordinator. */
    readonly overlord: string;
    readonly broker: string;
    readonly historical: string;
    readonly router: string;
    /** The middle manager or the Indexer. */
    readonly worker: string;
  };
  /** Absent in a cluster without Kafka. */
  readonly kafka?: {
    readonly version: string;
    /** `127.0.0.1:PORT` */
    readonly bootstrap: string;
  } & KafkaListeners;
}

/** Servers that run. End them with {@link Cluster.stop}; if this process dies before, they are ended all the same. */
export interface Cluster extends AsyncDisposable {
  readonly endpoints: Endpoints;
  /** Logs, configuration and data; a folder for each server. */
  readonly directory: string;
  /**
   * One of its servers, to stop, kill, pause and start again.
   *
   * @throws Error when the cluster has no such server.
   */
  service(name: ServiceName): Service;
  /** The middle manager's peons that live, those of a killed middle manager too. Empty with an Indexer. */
  peons(): Promise<Peon[]>;
  /**
   * Sends events with the JVM Tranquility 0.8.3, and resolves when it has flushed.
   *
   * @throws Error when the cluster was started without `peer`, or Tranquility fails: with the end of its log.
   */
  pushWithPeer(push: PeerPush): Promise<PeerResult>;
  /** Ends everything. Can be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts real servers on free ports of 127.0.0.1 and waits until they are healthy.
 *
 * Needs `java` (17; with `peer` a JDK) on the PATH, and `mvn` the first time: jars are then in the cache.
 *
 * @throws Error that says which server failed, with the end of its log, or which tool is missing. Nothing runs then, and
 * the logs are left. RangeError when an option makes no sense.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const plan = planOf(options);
  options.signal?.throwIfAborted();
  const log = options.log ?? (() => undefined);
  const java = await findJava();
  if (java.major !== provedJava) {
    log(
      `Warning: java is version ${java.major}. These servers are proved with ${provedJava}; Druid 28 fails from 21 on.`,
    );
  }
  const temporary = options.directory === undefined;
  const directory =
    options.directory === undefined
      ? await mkdtemp(join(tmpdir(), 'tranquility-cluster-'))
      : resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const warden = await Warden.start();
  const removesDirectory = temporary && options.keep !== true;
  if (removesDirectory) await warden.remove(directory);

  const ending = new AbortController();
  const context: Context = { warden, directory, cache: cacheDirectory(), log, signal: ending.signal };
  const giveUp = () => {
    ending.abort(options.signal?.reason);
  };
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const parts = await resolveParts(context, plan);
    const peer = plan.peer ? await preparePeer(context) : undefined;
    const sharing = plan.archive ? await ensureArchives(context, plan, parts, java) : noClassSharing;
    const launched = await launch(context, plan, parts, sharing);
    ending.signal.throwIfAborted();
    return new RunningCluster(context, plan, launched, peer, removesDirectory, ending);
  } catch (error) {
    ending.abort(error);
    if (removesDirectory && options.signal?.aborted === true) await rm(directory, { recursive: true, force: true });
    await warden.close();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

class RunningCluster implements Cluster {
  readonly endpoints: Endpoints;
  readonly directory: string;
  readonly #context: Context;
  readonly #servers: ReadonlyMap<ServiceName, Server>;
  readonly #ports: readonly number[];
  readonly #peer: Peer | undefined;
  readonly #removesDirectory: boolean;
  readonly #ending: AbortController;
  #stopped: Promise<void> | undefined;

  constructor(
    context: Context,
    plan: Plan,
    launched: Launched,
    peer: Peer | undefined,
    removesDirectory: boolean,
    ending: AbortController,
  ) {
    this.directory = context.directory;
    this.#context = context;
    this.#servers = launched.servers;
    this.#ports = launched.ports;
    this.#peer = peer;
    this.#removesDirectory = removesDirectory;
    this.#ending = ending;
    this.endpoints = this.#endpoints(plan, launched.kafka);
  }

  service(name: ServiceName): Server {
    const server = this.#servers.get(name);
    if (server !== undefined) return server;
    throw new Error(`This cluster has no ${name}. It has: ${[...this.#servers.keys()].join(', ')}.`);
  }

  peons(): Promise<Peon[]> {
    const workers = [this.#servers.get('middleManager'), this.#servers.get('middleManager2')];
    return listPeons(workers.flatMap((worker) => worker?.livingGroups ?? []));
  }

  async pushWithPeer(push: PeerPush): Promise<PeerResult> {
    if (this.#peer === undefined) throw new Error('This cluster has no peer: start it with the option peer.');
    return runPeer(this.#context, this.#peer, push);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.#ending.abort(new Error('The cluster was stopped.'));
    // What is thrown away needs no orderly end, which takes seconds.
    if (!this.#removesDirectory) await this.#stopInOrder();
    await Promise.all([...this.#servers.values()].map((server) => server.killGroups()));
    if (this.#removesDirectory) await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
    releasePorts(this.#ports);
    await this.#context.warden.close();
  }

  /** Nobody outlives what it needs: without ZooKeeper, Druid's servers take half a minute to end. */
  async #stopInOrder(): Promise<void> {
    const order: ServiceName[][] = [
      ['middleManager', 'middleManager2', 'indexer', 'router'],
      ['broker', 'historical', 'kafka'],
      ['coordinator'],
      ['zookeeper'],
    ];
    for (const names of order) {
      await Promise.all(names.map(async (name) => this.#servers.get(name)?.stop()));
    }
  }

  #endpoints(plan: Plan, listeners?: KafkaListeners): Endpoints {
    const address = (name: ServiceName) => this.service(name).address;
    return {
      zookeeper: address('zookeeper'),
      ...(plan.druid !== false && {
        druid: {
          version: plan.druid,
          coordinator: address('coordinator'),
          overlord: address('coordinator'),
          broker: address('broker'),
          historical: address('historical'),
          router: address('router'),
          worker: address(plan.worker),
        },
      }),
      ...(plan.kafka !== false &&
        listeners !== undefined && { kafka: { version: plan.kafka, bootstrap: address('kafka'), ...listeners } }),
    };
  }
}
