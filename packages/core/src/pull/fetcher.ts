import type { LogRead, PartitionLog } from '../journal/partition-log.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { ByteBudget } from './byte-budget.js';
import type { FetchedPartition } from './fetch-answer.js';
import type { FetchLedger } from './fetch-ledger.js';
import type { FetchPartition, FetchRequest } from './fetch-request.js';
import { findPartition } from './find-partition.js';
import { kafkaErrors } from './kafka-errors.js';
import type { EndpointLimits } from './limits.js';
import type { ReaderPositions } from './reader-positions.js';
import type { Topics } from './topics.js';
import { waitForAppend, type LogPlace } from './wait-for-append.js';

/** What a Fetch gives. Its bytes count as pending until they are released. */
export interface Fetched {
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
  release(): void;
}

/** What was read of a partition, and where its log stood then; none that is not served here. */
interface ReadPartition extends FetchedPartition {
  readonly seen?: LogPlace & { readonly log: PartitionLog };
  /** Whether there was more to read than was asked for. */
  readonly hasMore: boolean;
}

interface Read extends Fetched {
  readonly partitions: readonly ReadPartition[];
}

/** What a Fetch that has not enough yet waits for. */
interface Lack {
  readonly logs: ReadonlyMap<PartitionLog, LogPlace>;
  readonly bytes: number;
}

export interface FetcherParts {
  readonly topics: Topics;
  readonly limits: EndpointLimits;
  readonly ledger: FetchLedger;
  readonly logger: Logger;
  /** Of what all answers hold. */
  readonly budget: ByteBudget;
}

const nothing = Buffer.alloc(0);
/** How long a Fetch of idle partitions waits, in milliseconds, while its connection has others to read. */
const shortWait = 5;

/** Gives readers what is durable, and lets them wait for it. */
export class Fetcher {
  readonly #topics: Topics;
  readonly #limits: EndpointLimits;
  readonly #ledger: FetchLedger;
  readonly #logger: Logger;
  readonly #budget: ByteBudget;

  constructor({ topics, limits, ledger, logger, budget }: FetcherParts) {
    this.#topics = topics;
    this.#limits = limits;
    this.#ledger = ledger;
    this.#logger = logger;
    this.#budget = budget;
  }

  /** @throws the signal's reason when it aborts. */
  async fetch(request: FetchRequest, positions: ReaderPositions, signal: AbortSignal): Promise<Fetched> {
    if (request.session !== 0) {
      return { error: kafkaErrors.fetchSessionNotFound, partitions: [], release: () => undefined };
    }
    positions.note(request.partitions, this.#topics);
    const { maxWait } = request;
    const deadline = performance.now() + Math.min(Math.max(0, maxWait), this.#limits.fetchWait);
    for (;;) {
      const looked = await this.#look(request, deadline, signal);
      if ('partitions' in looked) return looked;
      const left = Math.max(0, deadline - performance.now());
      const wait = positions.hasMore(request.partitions, this.#topics) ? Math.min(left, shortWait) : left;
      const grown = await waitForAppend(looked.logs, looked.bytes, wait, signal);
      if (!grown) return this.#read(request, signal);
    }
  }

  /** What there is, if it is enough or it is too late for more. Otherwise what it lacks: nobody holds what was read meanwhile. */
  async #look(request: FetchRequest, deadline: number, signal: AbortSignal): Promise<Fetched | Lack> {
    const read = await this.#read(request, signal);
    const lack = Math.min(request.minBytes, this.#most(request)) - bytesOf(read.partitions);
    if (lack <= 0 || performance.now() >= deadline || isDone(read)) return read;
    read.release();
    const logs = read.partitions.flatMap(({ seen }) => (seen === undefined ? [] : [[seen.log, seen] as const]));
    return { logs: new Map(logs), bytes: lack };
  }

  #most({ maxBytes }: FetchRequest): number {
    return Math.min(Math.max(1, maxBytes), this.#limits.fetchBytes);
  }

  async #read(request: FetchRequest, signal: AbortSignal): Promise<Read> {
    const { pendingBytes, connections } = this.#limits;
    const most = this.#budget.fair(this.#most(request), Math.floor(pendingBytes / connections / 2));
    const reservation = await this.#budget.reserve(most, signal);
    try {
      let left = most;
      const partitions: ReadPartition[] = [];
      for (const partition of request.partitions) {
        const found = await this.#readPartition(partition, left);
        left = Math.max(0, left - found.records.length);
        partitions.push(found);
      }
      reservation.resize(bytesOf(partitions));
      return { error: kafkaErrors.none, partitions, release: () => reservation.release() };
    } catch (error) {
      reservation.release();
      throw error;
    }
  }

  async #readPartition(asked: FetchPartition, most: number): Promise<ReadPartition> {
    const { topic, index, offset } = asked;
    const { log, ...missing } = { error: kafkaErrors.none, ...findPartition(this.#topics, topic, index) };
    if (log === undefined) {
      return { topic, index, error: missing.error, endOffset: -1, records: nothing, hasMore: false };
    }
    this.#ledger.asked(topic, index, offset);
    const answer = (error: number, records: Buffer, nextOffset = offset): ReadPartition => {
      const { endOffset, written } = log;
      // After a crash the end lies above the last record.
      const hasMore = error === kafkaErrors.none && log.countFrom(nextOffset) > 0;
      return { topic, index, error, records, endOffset, hasMore, seen: { log, endOffset, written } };
    };
    if (offset < 0 || offset > log.tail) {
      this.#ledger.outOfRange(topic, index, offset, log.tail);
      return answer(kafkaErrors.offsetOutOfRange, nothing);
    }
    const bytes = Math.min(asked.maxBytes, most);
    if (bytes <= 0 || offset >= log.endOffset) return answer(kafkaErrors.none, nothing);
    try {
      const read = await log.read(offset, bytes);
      if (read.bytes.length > 0) this.#account(asked, read, log);
      return answer(kafkaErrors.none, read.bytes, read.nextOffset);
    } catch (error) {
      this.#logger.error(`The log of ${topic}, partition ${index}, cannot be read at ${offset}: ${messageOf(error)}`);
      return answer(kafkaErrors.storageError, nothing);
    }
  }

  /** A reader that begins, at 0, has missed nothing that it was ever shown, unless a file is gone. */
  #account({ topic, index, offset }: FetchPartition, { bytes }: LogRead, { startOffset, cuts }: PartitionLog): void {
    this.#ledger.served(topic, index, bytes.length);
    const to = Number(bytes.readBigInt64BE(0));
    const isLost = cuts.some((cut) => cut.isGone && cut.offset < to && cut.offset + (cut.rows ?? 1) > offset);
    if (isLost || (offset > 0 && offset < startOffset)) this.#ledger.skipped(topic, index, { from: offset, to });
  }
}

const bytesOf = (partitions: readonly FetchedPartition[]): number =>
  partitions.reduce((sum, { records }) => sum + records.length, 0);

/** An error is told at once, whatever the others have; and who is given all that it takes of one of them need not wait for others. */
const isDone = ({ partitions }: Read): boolean =>
  partitions.length === 0 || partitions.some(({ error, hasMore }) => error !== kafkaErrors.none || hasMore);
