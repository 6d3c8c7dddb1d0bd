import {
  createSender,
  decoderFor,
  type CounterSnapshot,
  type Decoder,
  type Logger,
  type Sender,
  type SenderTarget,
  type Staging,
} from '@tranquility-js/core';
import { sumOfCounters, type SourcedConfig } from '@tranquility-js/core/internal';
import { Destination, type DestinationParts } from './destination.js';
import type { Partition } from './record.js';
import type { Route } from './routes.js';
import type { StreamProperties } from './properties.js';
import { configFor } from './config-for.js';
import { Troubles } from './troubles.js';

export interface DestinationsOptions {
  readonly config: SourcedConfig;
  /** Properties that win over those of the config, by name. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** The properties of each dataSource that connectors know. */
  readonly properties: ReadonlyMap<string, StreamProperties>;
  readonly logger: Logger;
  /** What senders take besides: a clock, ways to reach Druid. */
  readonly target?: Pick<SenderTarget, 'clock' | 'authorize' | 'rewriteAddress'>;
  /** How the records of a dataSource are read, where not as its spec says. */
  readonly decoderOf?: (dataSource: string) => Decoder | undefined;
  /** Whether Druid, where it pulls, sees events only when `stagings` say so. */
  readonly staged?: boolean;
  /** Whether a dataSource has a place for dead letters. */
  readonly hasLetters: (dataSource: string) => boolean;
}

/** The senders of all dataSources that records go to, each made when the first partition needs it. */
export class Destinations<P> {
  readonly #options: DestinationsOptions;
  readonly #parts = new Map<string, Promise<DestinationParts>>();
  readonly #senders = new Map<string, Sender>();
  /** Those that are being given up, with their dataSources. */
  readonly #leaving = new Set<readonly [dataSource: string, Sender]>();
  /** What those have done that were given up. */
  readonly #past = new Map<string, CounterSnapshot>();
  readonly #troubles: Troubles;

  constructor(options: DestinationsOptions) {
    this.#options = options;
    this.#troubles = new Troubles(options.logger);
  }

  /**
   * Where the records of a partition go.
   * @throws (as a rejection) what createSender throws.
   */
  async of(partition: Partition, route: Route): Promise<Destination<P>> {
    const dataSource = route.usesStreamName ? partition.stream : route.dataSource;
    let parts = this.#parts.get(dataSource);
    if (parts === undefined) {
      parts = this.#open(dataSource, route);
      this.#parts.set(dataSource, parts);
      // What is in the way may be gone the next time, such as another process that has the journal.
      parts.catch(() => this.#parts.delete(dataSource));
    }
    return new Destination<P>(await parts, partition);
  }

  /** What the senders of each dataSource have done so far, with those that were given up. */
  get counters(): ReadonlyMap<string, CounterSnapshot> {
    const all = new Map(this.#past);
    for (const [name, { counters }] of [...this.#leaving, ...this.#senders]) {
      all.set(name, sumOfCounters(all.get(name), counters));
    }
    return all;
  }

  /** By which lane each sender sends, as far as is known, by dataSource. */
  get lanes(): ReadonlyMap<string, string> {
    return new Map([...this.#senders].flatMap(([name, { lane }]) => (lane === undefined ? [] : [[name, lane.lane]])));
  }

  /** What shows staged events to Druid, as far as is known where they go. */
  get stagings(): ReadonlySet<Staging> {
    return new Set([...this.#senders.values()].flatMap(({ staging }) => staging ?? []));
  }

  /** Resolves when nothing is under way to where events are staged. */
  async staged(): Promise<void> {
    const senders = [...this.#senders.values()].filter(({ staging }) => staging !== undefined);
    await Promise.all(senders.map((sender) => sender.flush()));
  }

  /** Resolves when nothing is under way to where events are staged, or may be, as far as is known. */
  async flushed(): Promise<void> {
    const senders = [...this.#senders.values()].filter(
      ({ staging, lane }) => staging !== undefined || lane === undefined,
    );
    await Promise.all(senders.map((sender) => sender.flush()));
  }

  /**
   * Gives up what waits for Druid to say its lane, and sends it no more, where it might be sent when others have read it too. Senders for
   * it are made anew.
   * @throws (as a rejection) what a sender throws that cannot be closed.
   */
  async giveUpUndecided(): Promise<void> {
    for (const leaving of [...this.#senders]) {
      const [dataSource, sender] = leaving;
      if (sender.lane !== undefined) continue;
      this.#senders.delete(dataSource);
      this.#parts.delete(dataSource);
      this.#leaving.add(leaving);
      try {
        await sender.close({ timeout: 0 });
      } finally {
        this.#leaving.delete(leaving);
        this.#past.set(dataSource, sumOfCounters(this.#past.get(dataSource), sender.counters));
      }
    }
  }

  /**
   * Closes all senders. What is under way fails after the time, in milliseconds.
   * @throws (as a rejection) what the first that could not be closed throws, when all are done.
   */
  async close(timeout: number): Promise<void> {
    await Promise.allSettled(this.#parts.values());
    const ends = await Promise.allSettled([...this.#senders.values()].map((sender) => sender.close({ timeout })));
    const broken = ends.find(({ status }) => status === 'rejected');
    if (broken?.status === 'rejected') throw broken.reason;
  }

  async #open(dataSource: string, route: Route): Promise<DestinationParts> {
    const { config, overrides, properties, logger, target, staged = false, hasLetters, decoderOf } = this.#options;
    const known = config.dataSources.get(route.dataSource);
    const wishes = properties.get(route.dataSource);
    if (known === undefined || wishes === undefined) throw new RangeError(`There is no ${route.dataSource}.`);
    const sender = await createSender({
      ...target,
      config: configFor(config.source, route.dataSource, dataSource),
      dataSource,
      properties: { ...overrides, ...senderProperties(wishes) },
      staged,
      logger,
    });
    this.#senders.set(dataSource, sender);
    return {
      sender,
      decoder: decoderOf?.(route.dataSource) ?? decoderFor(known.spec),
      properties: wishes,
      hasLetters: hasLetters(route.dataSource),
      onTrouble: (name, error) => this.#troubles.tell(name, error),
    };
  }
}

function senderProperties({ window }: StreamProperties): Readonly<Record<string, string>> {
  return {
    // A partition waits by itself, and is then slow alone.
    'tranquility.blockOnFull': 'true',
    ...(window === 'append' ? { 'tranquility.lateEvents': 'append' } : {}),
  };
}
