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
import { waitForAppend } from './wait-for-append.js';

/** What a Fetch gives. Its bytes count as pending until they are released. */
export interface Fetched {
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
  release(): void;
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
      if (!(looked instanceof Map)) return looked;
      const left = Math.max(0, deadline - performance.now());
      const wait = positions.hasMore(request.partitions, this.#topics) ? Math.min(left, shortWait) : left;
      const grown = await waitForAppend(looked, wait, signal);
      if (!grown) return this.#read(request, signal);
    }
  }

  /** What there is, if it is enough or it is too late for more. Otherwise the logs to wait for: nobody holds what was read meanwhile. */
  async #look(
    request: FetchRequest,
    deadline: number,
    signal: AbortSignal,
  ): Promise<Fetched | Map<PartitionLog, number>> {
    const fetched = await this.#read(request, signal);
    if (performance.now() >= deadline || isEnough(request, fetched)) return fetched;
    fetched.release();
    return this.#pending(fetched);
  }

  /** The logs that are asked for, each with the end that the last look saw. */
  #pending({ partitions }: Fetched): Map<PartitionLog, number> {
    const logs = new Map<PartitionLog, number>();
    for (const { topic, index, endOffset } of partitions) {
      const { log } = findPartition(this.#topics, topic, index);
      if (log !== undefined) logs.set(log, endOffset);
    }
    return logs;
  }

  async #read(request: FetchRequest, signal: AbortSignal): Promise<Fetched> {
    const most = Math.min(Math.max(1, request.maxBytes), this.#limits.fetchBytes);
    const reservation = await this.#budget.reserve(most, signal);
    try {
      let left = most;
      const partitions: FetchedPartition[] = [];
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

  async #readPartition(asked: FetchPartition, most: number): Promise<FetchedPartition> {
    const { topic, index, offset } = asked;
    const { log, ...missing } = { error: kafkaErrors.none, ...findPartition(this.#topics, topic, index) };
    if (log === undefined) return { topic, index, error: missing.error, endOffset: -1, records: nothing };
    this.#ledger.asked(topic, index, offset);
    const answer = (error: number, records: Buffer): FetchedPartition => ({
      ...{ topic, index, error, records },
      endOffset: log.endOffset,
    });
    if (offset < 0 || offset > log.tail) {
      this.#ledger.outOfRange(topic, index, offset, log.tail);
      return answer(kafkaErrors.offsetOutOfRange, nothing);
    }
    const bytes = Math.min(asked.maxBytes, most);
    if (bytes <= 0 || offset >= log.endOffset) return answer(kafkaErrors.none, nothing);
    try {
      const read = await log.read(offset, bytes);
      if (read.bytes.length > 0) this.#account(asked, read, log);
      return answer(kafkaErrors.none, read.bytes);
    } catch (error) {
      this.#logger.error(`The log of ${topic}, partition ${index}, cannot be read at ${offset}: ${messageOf(error)}`);
      return answer(kafkaErrors.storageError, nothing);
    }
  }

  /** A reader that begins, at 0, has missed nothing that it was ever shown, unless a file is gone. */
  #account({ topic, index, offset }: FetchPartition, { bytes }: LogRead, { startOffset, cuts }: PartitionLog): void {
    this.#ledger.served(topic, index, bytes.length);
    const to = Number(bytes.readBigInt64BE(0));
    const isLost = cuts.some((cut) => cut.isGone === true && cut.offset >= offset && cut.offset < to);
    if (isLost || (offset > 0 && offset < startOffset)) this.#ledger.skipped(topic, index, { from: offset, to });
  }
}

const bytesOf = (partitions: readonly FetchedPartition[]): number =>
  partitions.reduce((sum, { records }) => sum + records.length, 0);

/** An error is told at once, whatever the others have. */
function isEnough({ minBytes, partitions: asked }: FetchRequest, { partitions }: Fetched): boolean {
  return (
    bytesOf(partitions) >= minBytes || asked.length === 0 || partitions.some(({ error }) => error !== kafkaErrors.none)
  );
}
