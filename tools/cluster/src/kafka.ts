import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOnce } from './cache.js';
import type { Context } from './context.js';
import { renderProperties } from './druid-properties.js';
import { quickStart } from './java.js';
import type { Jars } from './jars.js';
import { runToEnd } from './run-to-end.js';
import type { ServerDefinition } from './server.js';

// Kafka wants 16 bytes in base64url.
const clusterId = Buffer.from('tranquility-js-1').toString('base64url');

/** What a broker needs to know. */
export interface KafkaSettings {
  /** Its own directory, which exists. */
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** The content of `server.properties`: one process that is broker and controller. */
function kafkaProperties(settings: KafkaSettings): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${settings.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${settings.port},CONTROLLER://127.0.0.1:${settings.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${settings.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(settings.directory, 'data'),
    // A broker that was killed can come back only when its old session has ended.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'num.partitions': '1',
    'auto.create.topics.enable': 'true',
    'log.retention.ms': '-1',
  };
}

/** Writes the configuration and an empty, formatted data directory. */
export async function prepareKafka(
  context: Context,
  settings: KafkaSettings,
  version: string,
  jars: Jars,
): Promise<void> {
  await writeFile(join(settings.directory, 'server.properties'), renderProperties(kafkaProperties(settings)));
  // Formatting takes a JVM's start, and its result does not depend on the ports: done once, copied afterwards.
  const formatted = join(context.cache, `kafka-${version}-formatted`);
  await makeOnce(context, formatted, async (temporary) => {
    context.log(`Formatting a data directory of Kafka ${version}, this once`);
    await mkdir(temporary);
    const configuration = join(context.directory, 'kafka', 'format.properties');
    await writeFile(
      configuration,
      renderProperties({ ...kafkaProperties(settings), 'log.dirs': join(temporary, 'data') }),
    );
    await runToEnd(context, {
      command: 'java',
      args: [
        ...['-Xmx128m', ...quickStart, '-cp', jars.files.join(':'), 'kafka.tools.StorageTool', 'format'],
        ...['-t', clusterId, '-c', configuration],
      ],
      directory: settings.directory,
      logFile: join(settings.directory, 'format.log'),
    });
  });
  await cp(join(formatted, 'data'), join(settings.directory, 'data'), { recursive: true });
}

/** A broker, prepared by {@link prepareKafka}. */
export function kafkaServer(settings: KafkaSettings, jars: Jars, classSharing: readonly string[]): ServerDefinition {
  return {
    name: 'kafka',
    address: `127.0.0.1:${settings.port}`,
    args: [
      ...['-Xmx384m', `-Djava.io.tmpdir=${settings.directory}`, ...quickStart, ...classSharing],
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      ...['-cp', jars.files.join(':'), 'kafka.Kafka', join(settings.directory, 'server.properties')],
    ],
    isHealthy: (freshLog) => Promise.resolve(freshLog().includes('Kafka Server started')),
  };
}
