import { chooseDataSource, loadConfig, readConfig, type Config, type DataSourceConfig } from '../config/config.js';
import type { EventForms } from '../event/event-reader.js';
import type { Undelivered } from '../event/outcome.js';
import { Counters } from '../observe/counters.js';
import { silentLogger, type Logger } from '../observe/logger.js';
import type { Partitioner } from '../partition/partitioner.js';
import { plainPartitioner } from '../partition/plain-partitioner.js';
import { readConnections, type ConnectionHooks } from '../realtime/backends.js';
import { RealtimeBeam } from '../realtime/realtime-beam.js';
import { systemClock, type Clock } from '../time/clock.js';
import { Sender } from './sender.js';

/** Where events go, and how. `E` is what the events are; it is known from `map`, `timestamp` or `onUndelivered`, or can be named. */
export interface SenderTarget<E = unknown> extends ConnectionHooks {
  /** The path of a Tranquility config file, or an object of the same form. */
  readonly config: string | object;
  /** Which of the config's dataSources. Default: the only one there is. */
  readonly dataSource?: string;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Default: silent. Warnings of the config go here too. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /**
   * Chooses the partition of each event, where `task.partitions` is more than 1. Default: Tranquility's, by the truncated time and the
   * dimensions. An event for which it throws is dropped as `unserializable`, one that it gives a partition that does not exist as
   * `unparseable`; its neighbours are sent.
   */
  readonly partitioner?: Partitioner;
  /**
   * What is written of an event, for instances of classes and the like: an object, or the bytes of a JSON object. Default: the event
   * itself. An event for which it throws is dropped as `unserializable`. Not called for events that come as bytes.
   */
  readonly map?: (event: E) => unknown;
  /**
   * The time of an event: a `Date`, or a number or a text in the format of the `timestampSpec`. It is written to the timestamp column,
   * whatever the event has there. Default: that column of the event. An event for which it throws is dropped as `unserializable`. Not
   * called for events that come as bytes.
   */
  readonly timestamp?: (event: E) => Date | number | string;
  /** Told about each event that was dropped or failed, as it was given. What it throws becomes a warning of the process. */
  readonly onUndelivered?: (event: E | Uint8Array, outcome: Undelivered) => void;
}

/**
 * Makes a sender for one dataSource. Nothing is connected before the first event, or `connect()`; the files that the config
 * names are read here.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID, TRQ_DATASOURCE_UNKNOWN.
 */
export async function createSender<E = unknown>(target: SenderTarget<E>): Promise<Sender<E>> {
  const { config: given, properties = {}, logger = silentLogger } = target;
  const config: Config =
    typeof given === 'string' ? await loadConfig(given, { properties }) : readConfig(given, { properties });
  for (const warning of config.warnings) logger.warn(warning);
  return senderFor(chooseDataSource(config, target.dataSource), target);
}

async function senderFor<E>(config: DataSourceConfig, target: SenderTarget<E>): Promise<Sender<E>> {
  const { clock = systemClock, logger = silentLogger, partitioner, map, timestamp, onUndelivered } = target;
  const { properties } = config;
  const counters = new Counters();
  const connections = await readConnections(properties, clock.now(), target);
  return new Sender<E>({
    dataSource: config.dataSource,
    beam: new RealtimeBeam({
      config,
      clock,
      logger,
      counters,
      connections,
      ...(partitioner === undefined ? {} : { partitioner: plainPartitioner(partitioner) }),
      // What the sender takes besides bytes is an E.
      forms: { map, timestamp } as EventForms,
    }),
    limits: {
      maxBatchSize: properties['tranquility.maxBatchSize'],
      maxBatchBytes: properties['tranquility.maxBatchBytes'],
      maxPendingBatches: properties['tranquility.maxPendingBatches'],
      lingerMillis: properties['tranquility.lingerMillis'],
    },
    blockOnFull: properties['tranquility.blockOnFull'],
    counters,
    clock,
    ...(onUndelivered === undefined
      ? {}
      : {
          onUndelivered: (event: unknown, outcome: Undelivered) => {
            onUndelivered(event as E | Uint8Array, outcome);
          },
        }),
  });
}
