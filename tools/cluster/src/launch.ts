import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.js';
import { druidServer, peonFlags } from './druid.js';
import { druidProperties, renderProperties } from './druid-properties.js';
import type { DruidServiceName, DruidSettings } from './druid-properties.js';
import { kafkaServer, prepareKafka } from './kafka.js';
import type { KafkaSettings } from './kafka.js';
import type { Plan } from './options.js';
import { linkExtensions } from './parts.js';
import type { Parts } from './parts.js';
import { freePorts, releasePorts } from '@tranquility-js/ports';
import { PortTakenError, Server } from './server.js';
import type { ServerDefinition, ServiceName } from './server.js';
import { zookeeperConfig, zookeeperServer } from './zookeeper.js';

const attempts = 3;

/** JVM flags about shared class data for each server, and for the peons. */
export type ClassSharing = (name: ServiceName | 'peon') => readonly string[];

/** Servers that run. */
export interface Launched {
  readonly servers: ReadonlyMap<ServiceName, Server>;
  readonly ports: readonly number[];
  readonly kafka?: KafkaListeners;
}

/** Where a broker listens beside its plain listener, each `127.0.0.1:PORT`. */
export interface KafkaListeners {
  /** With a login. */
  readonly sasl: string;
  /** TLS; absent without a certificate. */
  readonly tls?: string;
  /** TLS, with a login. */
  readonly saslTls?: string;
}

/**
 * Starts all servers of a cluster and waits until they are healthy. When a port that was free is taken meanwhile, all
 * of it is tried again with other ports.
 *
 * @throws Error of the first server that failed. Nothing runs then.
 */
export async function launch(
  context: Context,
  plan: Plan,
  parts: Parts,
  classSharing: ClassSharing,
): Promise<Launched> {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(13 + 2 * plan.workerCapacity);
    const { definitions, kafka } = await prepare(context, plan, parts, classSharing, ports);
    const servers = new Map(
      definitions.map((definition) => [definition.name, new Server(context, definition, plan.startTimeoutMillis)]),
    );
    try {
      await startAll([...servers.values()]);
      return { servers, ports, ...(kafka === undefined ? {} : { kafka }) };
    } catch (error) {
      await Promise.all([...servers.values()].map((server) => server.killGroups()));
      releasePorts(ports);
      if (!(error instanceof PortTakenError) || attempt === attempts) throw error;
      context.log(`The ${error.service} found its port taken: starting again with other ports`);
    }
  }
}

/** Starts servers at once, but for those that come after others; when one fails the rest is given up. */
async function startAll(servers: readonly Server[]): Promise<void> {
  const failed = new AbortController();
  const started = new Map<ServiceName, Promise<void>>();
  const startOne = async (server: Server) => {
    for (const name of server.after) await started.get(name);
    await server.start(failed.signal);
  };
  for (const server of servers) {
    const starting = startOne(server).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
    started.set(server.name, starting);
  }
  const results = await Promise.allSettled(started.values());
  if (results.some((result) => result.status === 'rejected')) throw failed.signal.reason;
}

/** Writes the configuration of every server into its new folder. */
async function prepare(
  context: Context,
  plan: Plan,
  parts: Parts,
  classSharing: ClassSharing,
  ports: readonly number[],
): Promise<{ readonly definitions: ServerDefinition[]; readonly kafka?: KafkaListeners }> {
  const free = [...ports];
  const port = () => {
    const next = free.shift();
    if (next === undefined) throw new Error('Too few ports were reserved for this cluster.');
    return next;
  };
  const folder = async (name: string) => {
    const path = join(context.directory, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return path;
  };

  await folder('tmp');
  const zookeeper = { directory: await folder('zookeeper'), port: port() };
  await writeFile(join(zookeeper.directory, 'zoo.cfg'), zookeeperConfig(zookeeper));
  const definitions = [zookeeperServer(zookeeper, parts.zookeeper)];

  let listeners: KafkaListeners | undefined;
  if (parts.kafka !== undefined) {
    const kafka: KafkaSettings = {
      directory: await folder('kafka'),
      port: port(),
      controllerPort: port(),
      saslPort: port(),
      ...(plan.kafkaTls === undefined ? {} : { tls: { ...plan.kafkaTls, port: port(), saslPort: port() } }),
    };
    await prepareKafka(context, kafka, parts.kafka.version, parts.kafka.jars);
    definitions.push(kafkaServer(kafka, parts.kafka.jars, classSharing('kafka')));
    const at = (number: number): string => `127.0.0.1:${number}`;
    listeners = {
      sasl: at(kafka.saslPort),
      ...(kafka.tls !== undefined ? { tls: at(kafka.tls.port), saslTls: at(kafka.tls.saslPort) } : {}),
    };
  }

  if (parts.druid !== undefined) {
    const { jars, extensions } = parts.druid;
    const extensionDirectory = join(await folder('druid'), 'extensions');
    await linkExtensions(extensionDirectory, extensions);
    const settings: DruidSettings = {
      directory: context.directory,
      worker: plan.worker,
      workerCapacity: plan.workerCapacity,
      ports: {
        zookeeper: zookeeper.port,
        derby: port(),
        coordinator: port(),
        broker: port(),
        historical: port(),
        router: port(),
        worker: port(),
        peons: plan.worker === 'middleManager' ? Array.from({ length: plan.workerCapacity }, port) : [],
        ...(plan.secondWorker && { worker2: port(), peons2: Array.from({ length: plan.workerCapacity }, port) }),
      },
      extensions: { directory: extensionDirectory, load: extensions.map(({ name }) => name) },
      peonFlags: peonFlags(context.directory, classSharing('peon')),
    };
    const names: DruidServiceName[] = ['coordinator', 'broker', 'router', plan.worker, 'historical'];
    if (plan.secondWorker) names.push('middleManager2');
    for (const name of names) {
      await writeFile(
        join(await folder(name), 'runtime.properties'),
        renderProperties(druidProperties(settings, name)),
      );
      definitions.push(druidServer(settings, name, jars, classSharing(name)));
    }
  }
  return { definitions, ...(listeners === undefined ? {} : { kafka: listeners }) };
}
