import { Journal } from '../journal/journal.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import { serverText } from '../config/connect-string.js';
import { Endpoint } from './endpoint.js';
import type { StationSettings } from './pull-settings.js';
import { partitionsOf, type EndpointNode, type TopicPartition } from './topics.js';

/** The logs of a dataSource that this process writes and serves, by partition. */
export type OwnLogs = ReadonlyMap<number, JournalLog>;

/** A journal and the endpoint that serves it. */
export class PullStation {
  readonly journal: Journal;
  readonly endpoint: Endpoint;
  /** As Druid reaches this process. */
  readonly self: EndpointNode;
  readonly #topics: Map<string, readonly TopicPartition[]>;
  readonly #logger: Logger;
  readonly #users = new Map<string, number>();

  private constructor(
    journal: Journal,
    endpoint: Endpoint,
    self: EndpointNode,
    topics: Map<string, readonly TopicPartition[]>,
    logger: Logger,
  ) {
    this.journal = journal;
    this.endpoint = endpoint;
    this.self = self;
    this.#topics = topics;
    this.#logger = logger;
  }

  /**
   * Opens the journal, and serves all that it holds.
   * @throws TRQ_JOURNAL_LOCKED, TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL, TRQ_ENDPOINT_FAILED
   */
  static async open(settings: StationSettings, clock: Clock, logger: Logger): Promise<PullStation> {
    const journal = await Journal.open({ ...settings.journal, clock, logger });
    let endpoint: Endpoint | undefined;
    try {
      const topics = new Map<string, readonly TopicPartition[]>();
      const { nodes, advertised } = settings;
      const single = advertised && [{ id: 0, ...advertised }];
      const known = nodes ?? single;
      const options = { ...settings.endpoint, topics, logger, ...(known === undefined ? {} : { nodes: known }) };
      endpoint = await Endpoint.start(options);
      const self = endpoint.nodes.find(
        (node) => advertised === undefined || serverText(node) === serverText(advertised),
      );
      const station = new PullStation(journal, endpoint, self ?? { id: 0, host: '', port: 0 }, topics, logger);
      for (const topic of new Set((await journal.partitions()).map((partition) => partition.topic))) {
        await station.logs(topic, 1);
      }
      return station;
    } catch (error) {
      await endpoint?.close();
      await journal.close();
      throw error;
    }
  }

  /** How many dataSources of this process use the logs of a topic. */
  users(topic: string): number {
    return this.#users.get(topic) ?? 0;
  }

  /** Says that one more does, or one fewer. */
  use(topic: string, change: 1 | -1): void {
    this.#users.set(topic, this.users(topic) + change);
  }

  /**
   * Serves a dataSource.
   * @param partitions how many it shall have, over all nodes; it keeps those that it has.
   * @returns the logs that are ours.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL
   */
  async logs(topic: string, partitions: number): Promise<OwnLogs> {
    const { nodes } = this.endpoint;
    const found = (await this.journal.partitions()).filter((partition) => partition.topic === topic);
    const held = Math.max(0, ...found.map(({ partition }) => partition + 1));
    const count = Math.max(partitions, nodes.length, held, this.#topics.get(topic)?.length ?? 0);
    const own = new Map<number, JournalLog>();
    for (let partition = 0; partition < count; partition++) {
      if (nodes[partition % nodes.length]?.id !== this.self.id) continue;
      own.set(partition, await this.journal.log(topic, partition));
    }
    for (const { partition, log } of found) {
      if (own.has(partition) || log.startOffset === log.endOffset) continue;
      const leader = nodes[partition % nodes.length];
      this.#logger.error(
        `The journal has events of ${topic}, partition ${partition}, which by pull.endpoint.nodes is now that of ${leader === undefined ? 'nobody' : serverText(leader)}: nobody reads them here. Go back to the nodes of before until Druid has published.`,
        { topic, partition },
      );
    }
    this.#topics.set(
      topic,
      partitionsOf(nodes, count, (partition) => own.get(partition)),
    );
    return own;
  }

  /** Ends the endpoint first, so that nobody reads what is going to be closed. */
  async close(): Promise<void> {
    await this.endpoint.close();
    await this.journal.close();
  }
}
