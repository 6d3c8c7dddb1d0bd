import { chooseDataSource, loadConfig, readConfig, type Config, type DataSourceConfig } from '../config/config.js';
import type { PropertyValues } from '../config/properties.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { EventForms } from '../event/event-reader.js';
import { dropped, type Dropped, type Undelivered } from '../event/outcome.js';
import { Counters } from '../observe/counters.js';
import { silentLogger, type Logger } from '../observe/logger.js';
import type { Partitioner } from '../partition/partitioner.js';
import { plainPartitioner } from '../partition/plain-partitioner.js';
import { AppendBeam } from '../append/append-beam.js';
import type { OnUnread } from '../append/unread-rows.js';
import { LaneBeam } from '../lane/lane-beam.js';
import { knownLane, type Lane } from '../lane/choose-lane.js';
import type { Beam } from '../beam/beam.js';
import { Haste } from '../beam/haste.js';
import { readConnections, type ConnectionHooks } from '../druid/connections.js';
import { druidAccess } from '../druid/druid-access.js';
import { openJournalSource } from '../pull/journal-source.js';
import { openKafkaSource } from '../pull/kafka-source.js';
import { PullBeam } from '../pull/pull-beam.js';
import { readServerTls, readTls } from '../transport/tls-files.js';
import { RealtimeBeam } from '../realtime/realtime-beam.js';
import type { RelayBeam } from '../relay/relay-beam.js';
import { systemClock, type Clock } from '../time/clock.js';
import { DeadLetters } from './dead-letters.js';
import type { QueueLimits } from './delivery-queue.js';
import { openRelay, withRelay } from './open-relay.js';
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
  /**
   * For events of a source that keeps its place by itself, like a Kafka topic: where they go by our journal, Druid sees them only when
   * `staging.show` says so, and none twice whatever crashes. Of no effect on other lanes. Default false.
   */
  readonly staged?: boolean;
  /**
   * Told about each event that was dropped or failed, as it was given. What it throws becomes a warning of the process.
   * @param wasAcknowledged whether it was `sent` before, and dropped when it came out of the journal (`realtime.journal`): then it is the
   *   bytes of its JSON.
   */
  readonly onUndelivered?: (event: E | Uint8Array, outcome: Undelivered, wasAcknowledged: boolean) => void;
}

/**
 * Makes a sender for one dataSource. Nothing is connected before the first event, or `connect()`; the files that the config
 * names are read here. Where Druid pulls, and a journal is there, it is opened and served from now on.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID, TRQ_DATASOURCE_UNKNOWN; with a journal TRQ_JOURNAL_LOCKED,
 * TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL, TRQ_ENDPOINT_FAILED.
 */
export async function createSender<E = unknown>(target: SenderTarget<E>): Promise<Sender<E>> {
  const { config: given, properties = {}, logger = silentLogger } = target;
  const config: Config =
    typeof given === 'string' ? await loadConfig(given, { properties }) : readConfig(given, { properties });
  for (const warning of config.warnings) logger.warn(warning);
  return senderFor(chooseDataSource(config, target.dataSource), target);
}

/**
 * Makes a sender for a dataSource of a config that was read before.
 * @throws TRQ_CONFIG_INVALID for files that the config names.
 */
export async function senderFor<E = unknown>(
  config: DataSourceConfig,
  target: Omit<SenderTarget<E>, 'config'>,
): Promise<Sender<E>> {
  const { clock = systemClock, logger = silentLogger, partitioner, map, timestamp, staged = false } = target;
  const { onUndelivered } = target;
  const { properties } = config;
  checkStaging(staged, properties['append.acknowledge']);
  const counters = new Counters();
  const druid = druidAccess(properties, await readConnections(properties, clock.now(), target), logger);
  const endpointTls = properties['pull.endpoint.tls.enable']
    ? await readServerTls('pull.endpoint.tls', properties, clock.now())
    : undefined;
  const appendTls = properties['append.endpoint.tls.enable']
    ? await readServerTls('append.endpoint.tls', properties, clock.now())
    : undefined;
  const kafkaTls = properties['pull.kafka.tls.enable']
    ? await readTls('pull.kafka.tls', properties, clock.now())
    : undefined;
  // What the sender takes besides bytes is an E.
  const forms = { map, timestamp } as EventForms;
  const parts = {
    ...{ config, clock, logger, counters, forms },
    ...(partitioner === undefined ? {} : { partitioner: plainPartitioner(partitioner) }),
  };
  const { overlord } = druid;
  const haste = new Haste();
  let letters: DeadLetters | undefined;
  const onUnread: OnUnread = (row, why) => letters?.add(row, dropped('refused', why));
  const openAppend = (isStaged: boolean): Promise<AppendBeam> =>
    AppendBeam.open({ ...parts, overlord, staged: isStaged, haste, tls: appendTls, onUnread });
  const beams: Record<Lane, () => Promise<Beam>> = {
    realtime: () => Promise.resolve(new RealtimeBeam({ ...parts, druid })),
    pull: () =>
      PullBeam.open({ ...parts, overlord }, (ready) =>
        properties['pull.source'] === 'kafka'
          ? openKafkaSource({ config, counters, tls: kafkaTls, ready })
          : openJournalSource({ config, clock, logger, counters, tls: endpointTls, ready, staged }),
      ),
    append: () => openAppend(staged),
  };
  const open = (lane: Lane): Promise<Beam> => beams[lane]();
  const lane = { config, clock, logger, forms, druid, open, openSide: () => openAppend(false) };
  const limits = limitsOf(properties);
  const tell = (event: unknown, outcome: Undelivered, wasAcknowledged: boolean): void => {
    if (outcome.status === 'dropped' && isKept(outcome, wasAcknowledged, properties)) letters?.add(event, outcome);
    onUndelivered?.(event as E | Uint8Array, outcome, wasAcknowledged);
  };
  let beam: LaneBeam | undefined;
  let relay: RelayBeam | undefined;
  try {
    letters = await openLetters(config, logger, () => beam?.lane);
    beam = await LaneBeam.open(lane, await knownLane(config, druid.overlord, clock, logger));
    const relayParts = {
      ...parts,
      haste,
      lane: beam,
      limits,
      onDropped: (row: Buffer, why: Dropped) => tell(row, why, true),
    };
    if (!staged) relay = await openRelay(relayParts);
    else if (properties['realtime.journal']) {
      logger.info(`realtime.journal is of no effect for ${config.dataSource}: its source gives events again.`);
    }
  } catch (error) {
    await letters?.[Symbol.asyncDispose]();
    await (beam ?? druid).close();
    throw error;
  }
  const reported = beam;
  return new Sender<E>({
    dataSource: config.dataSource,
    beam: relay ?? beam,
    lane: () => withRelay(reported.report, relay),
    staging: () => reported.staging,
    limits,
    haste,
    blockOnFull: properties['tranquility.blockOnFull'],
    counters,
    clock,
    ...(letters === undefined ? {} : { onClosed: () => letters[Symbol.asyncDispose]() }),
    ...(letters === undefined && onUndelivered === undefined
      ? {}
      : { onUndelivered: (event: unknown, outcome: Undelivered) => tell(event, outcome, false) }),
  });
}

const limitsOf = (properties: PropertyValues): QueueLimits => ({
  maxBatchSize: properties['tranquility.maxBatchSize'],
  maxBatchBytes: properties['tranquility.maxBatchBytes'],
  maxPendingBatches: properties['tranquility.maxPendingBatches'],
  lingerMillis: properties['tranquility.lingerMillis'],
});

/** Whether an event is kept that is dropped: a late one where the config says so, any other where nobody else has it any more. */
function isKept({ reason }: Dropped, wasAcknowledged: boolean, properties: PropertyValues): boolean {
  return reason === 'late' ? properties['tranquility.lateEvents'] === 'dead-letter' : wasAcknowledged;
}

/** Events that are staged are published when their source has let go of them, and it does so when they are sent. */
function checkStaging(isStaged: boolean, acknowledge: PropertyValues['append.acknowledge']): void {
  if (!isStaged || acknowledge === 'journaled') return;
  const why = 'Druid has these events, each once, only after their source has noted that they are sent.';
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `append.acknowledge is ${acknowledge}, but must be journaled here. ${why}`,
    { details: { property: 'append.acknowledge' } },
  );
}

/** Where events are kept that do not get into Druid, if they are. @throws TRQ_DEAD_LETTER_FAILED */
async function openLetters(
  { dataSource, properties }: DataSourceConfig,
  logger: Logger,
  lane: () => Lane | undefined,
): Promise<DeadLetters | undefined> {
  const setting = 'tranquility.deadLetterPath';
  const path = properties[setting];
  if (path === undefined) return undefined;
  try {
    return await DeadLetters.open(path, { dataSource, lane, setting, logger });
  } catch (error) {
    const why = `The file for events that are not in Druid, ${setting}, cannot be written: ${messageOf(error)}`;
    throw new TranquilityError('TRQ_DEAD_LETTER_FAILED', why, { cause: error, details: { path } });
  }
}
