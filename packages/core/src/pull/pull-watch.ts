import type { PartitionLog } from '../journal/partition-log.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import { serverText } from '../config/connect-string.js';
import type { Endpoint } from './endpoint.js';
import type { ManagedSupervisor } from './managed-supervisor.js';
import { PartitionProgress } from './partition-progress.js';
import type { SupervisorStatus } from './supervisor-status.js';
import {
  defaultTolerance,
  judgePull,
  type PartitionLook,
  type PullAlarm,
  type PullLook,
  type PullTolerance,
} from './pull-alarm.js';

export interface PullWatchOptions {
  readonly supervisor: Pick<ManagedSupervisor, 'dataSource' | 'status'>;
  readonly endpoint: Pick<Endpoint, 'nodes' | 'reading'>;
  /** The logs that we serve, by partition: those of other nodes are theirs to watch. */
  readonly logs: ReadonlyMap<number, PartitionLog>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tolerance?: Partial<PullTolerance>;
  /** Told what Druid says at each look. It must not throw. */
  readonly onStatus?: (status: SupervisorStatus) => Promise<void>;
  /** Told when Druid has no such supervisor. */
  readonly onMissing?: () => void;
}

const answerWithin = 15_000;

/** Watches whether Druid reads what we serve, since its own health does not notice when it does not. */
export class PullWatch {
  readonly #options: PullWatchOptions;
  readonly #progress = new Map<number, PartitionProgress>();
  #alarms: readonly PullAlarm[] = [];

  constructor(options: PullWatchOptions) {
    this.#options = options;
  }

  /** What was wrong at the last look. */
  get alarms(): readonly PullAlarm[] {
    return this.#alarms;
  }

  /** Looks every so many milliseconds, until the signal aborts. */
  async run(every: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal);
      await this.#options.clock.sleep(every, signal).catch(() => undefined);
    }
  }

  /** Looks once. What is wrong anew, and what is well again, goes to the log, once. */
  async look(signal?: AbortSignal): Promise<readonly PullAlarm[]> {
    const { supervisor, endpoint, clock, logger, tolerance } = this.#options;
    const found = await this.#ask(signal);
    if (signal?.aborted === true) return this.#alarms;
    const status = found !== undefined && 'state' in found ? found : undefined;
    const current = status?.currentOffsets;
    const now = clock.now();
    const partitions = [...this.#options.logs].map(([index, log]) =>
      this.#lookAt(index, log, current?.get(index), now),
    );
    const address = endpoint.nodes.map(serverText).join(', ');
    const look: PullLook = { now, supervisor: found, partitions, address };
    const alarms = judgePull(supervisor.dataSource, look, { ...defaultTolerance, ...tolerance });
    const fields = { dataSource: supervisor.dataSource };
    const before = new Set(this.#alarms.map(kindOf));
    for (const alarm of alarms) {
      if (!before.has(kindOf(alarm))) logger.error(alarm.message, { ...fields, alarm: alarm.reason });
    }
    if (alarms.every(isOfThePast) && !this.#alarms.every(isOfThePast)) {
      logger.info(`Druid reads the events of ${supervisor.dataSource} as it should again.`, fields);
    }
    this.#alarms = alarms;
    if (status !== undefined) await this.#options.onStatus?.(status);
    if (found === undefined) this.#options.onMissing?.();
    return alarms;
  }

  async #ask(signal?: AbortSignal): Promise<PullLook['supervisor']> {
    const { supervisor, clock } = this.#options;
    const patience = { clock, deadline: clock.now() + answerWithin, ...(signal === undefined ? {} : { signal }) };
    try {
      return await supervisor.status(patience);
    } catch (error) {
      return { failure: messageOf(error) };
    }
  }

  #lookAt(index: number, log: PartitionLog, current: number | undefined, now: number): PartitionLook {
    const { endpoint, supervisor } = this.#options;
    const reading = endpoint.reading(supervisor.dataSource, index);
    const progress = this.#progress.get(index) ?? new PartitionProgress();
    this.#progress.set(index, progress);
    progress.look(now, log, reading, current);
    const { unreadSince, stuckSince } = progress;
    const unread = reading === undefined ? 0 : log.countFrom(reading.offset);
    return { index, endOffset: log.tail, unread, unreadSince, stuckSince, reading };
  }
}

/** What its message says of it may change from look to look. */
const kindOf = ({ reason, partition }: PullAlarm): string => `${reason} ${String(partition)}`;

/** A gap stays told, though Druid reads on behind it. */
const isOfThePast = ({ reason }: PullAlarm): boolean => reason === 'gap';
