import { configFor, Routes } from '@tranquility-js/connect';
import { readConfig, silentLogger, TranquilityError, type DataSourceConfig, type Logger } from '@tranquility-js/core';
import { druidAccess, ManagedSupervisor, readConnections, systemClock } from '@tranquility-js/core/internal';
import kafkajs from 'kafkajs';
import { clientConfig } from './config/client-config.js';
import { readKafkaPlan, type KafkaPlan } from './config/read-plan.js';
import { supervisorAccess } from './config/supervisor-access.js';
import { unsupervised, unsupervisedClient } from './config/unsupervised.js';
import { internalTopics, kafkaError } from './source/brokers.js';
import { Sockets } from './source/sockets.js';

export interface SuperviseOptions {
  /** The path of a Tranquility config file, or an object of the same form. */
  readonly config: string | object;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly logger?: Logger;
  /** How long Druid may take for each supervisor, in milliseconds. Default 60 s. */
  readonly timeout?: number;
}

/** A dataSource whose topic Druid reads itself. */
export interface Supervised {
  readonly dataSource: string;
  readonly topic: string;
  readonly supervisor: 'created' | 'updated' | 'unchanged';
}

/**
 * Sees to it that Druid reads the topics of a config itself: makes a supervisor for each dataSource, or changes it where the schema has
 * changed. Events then arrive exactly once. Druid wants its Kafka extension for it.
 * @throws (as a rejection) TRQ_CONFIG_…; TRQ_KAFKA_UNREACHABLE, TRQ_KAFKA_REFUSED; TRQ_EXTENSION_MISSING, TRQ_SUPERVISOR_CONFLICT and what
 * else the overlord's client throws; TRQ_SUPERVISE_UNSUPPORTED for what only a connector can do.
 */
export async function superviseTopics(options: SuperviseOptions): Promise<Supervised[]> {
  const { logger = silentLogger, timeout = 60_000 } = options;
  const plan = await readKafkaPlan(options.config, options.properties);
  for (const warning of plan.config.warnings) logger.warn(warning);
  const wanted = pairs(plan, await topicsOf(plan));
  for (const name of unsupervisedClient(plan.client))
    logger.warn(`Druid reads without ${name}: it cannot be handed on.`);
  const consumerProperties = await supervisorAccess(plan.client);
  const done: Supervised[] = [];
  for (const { topic, config, ignored } of wanted) {
    const { properties, dataSource, spec } = config;
    for (const name of ignored) logger.warn(`${dataSource}: ${name} has no effect, as Druid reads the topic itself.`);
    const druid = druidAccess(properties, await readConnections(properties, systemClock.now(), {}), logger);
    try {
      const supervisor = new ManagedSupervisor(
        druid.overlord,
        spec,
        {
          topic,
          consumerProperties,
          address: String(consumerProperties['bootstrap.servers']),
          taskCount: properties['task.partitions'],
          replicas: properties['task.replicants'],
          taskDuration: properties['pull.taskDuration'].text,
          completionTimeout: properties['pull.completionTimeout'].text,
          period: properties['pull.supervisorPeriod'].text,
          startDelay: properties['pull.startDelay'].text,
        },
        logger,
      );
      const patience = { clock: systemClock, deadline: systemClock.now() + timeout };
      done.push({ dataSource, topic, supervisor: await supervisor.ensure(patience) });
    } finally {
      await druid.close();
    }
  }
  return done;
}

async function topicsOf(plan: KafkaPlan): Promise<string[]> {
  const config = await clientConfig(plan.client, {});
  const admin = new kafkajs.Kafka({
    ...config,
    socketFactory: new Sockets().factory,
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 2 },
  }).admin();
  try {
    await admin.connect();
    return (await admin.listTopics()).filter((topic) => !internalTopics.has(topic)).sort();
  } catch (error) {
    throw kafkaError(error, plan.client);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** What Druid's reading has no equivalent of. */
const onlyOurs = ['filter', 'columns', 'window', 'registry.url', 'avro.schemaPath'] as const;

interface Pair {
  readonly topic: string;
  readonly config: DataSourceConfig;
  /** The properties that are set and have no effect. */
  readonly ignored: readonly string[];
}

/** Each topic with its dataSource, which must have no other. */
function pairs({ config, overrides, routes, properties }: KafkaPlan, topics: readonly string[]): Pair[] {
  const all = new Routes(routes);
  const found = new Map<string, Pair>();
  for (const topic of topics) {
    const route = all.of(topic);
    if (route === undefined) continue;
    const dataSource = route.usesStreamName ? topic : route.dataSource;
    const other = found.get(dataSource);
    if (other !== undefined) {
      throw unsupported(`${dataSource} would have the topics ${other.topic} and ${topic}, but a supervisor reads one.`);
    }
    const wishes = properties.get(route.dataSource);
    const name = onlyOurs.find((own) => wishes?.[own] !== undefined);
    if (name !== undefined) throw unsupported(`${dataSource} has the property ${name}, which Druid does not know.`);
    const source = readConfig(configFor(config.source, route.dataSource, dataSource), { properties: overrides });
    const own = source.dataSources.get(dataSource);
    if (own !== undefined)
      found.set(dataSource, { topic, config: own, ignored: wishes === undefined ? [] : unsupervised(wishes) });
  }
  if (found.size === 0) throw unsupported('No topic matches a topicPattern, so there is nothing to read.');
  return [...found.values()];
}

function unsupported(message: string): TranquilityError {
  return new TranquilityError(
    'TRQ_SUPERVISE_UNSUPPORTED',
    `${message} Let the connector read instead: leave --supervise out.`,
  );
}
