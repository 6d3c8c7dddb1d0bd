import type { Records, StreamRecord } from '@tranquility-js/connect';

export type KafkaRecord = StreamRecord<number>;

/** A partition that became ours. */
export interface Assigned {
  readonly topic: string;
  readonly partition: number;
  /** Where reading begins. */
  readonly offset: number;
  /** Behind the newest record, where that was asked. */
  readonly end?: number;
}

/** What a source tells, and asks, as it reads. */
export interface SourceListener {
  /** These partitions are ours, and no others. Resolves when they can be read. */
  assigned(partitions: readonly Assigned[]): Promise<void>;
  /**
   * All partitions are about to be shared out anew, or the source ends. Resolves when what can be settled is settled and committed, or the
   * signal aborts; what comes later is of no use.
   */
  revoking(signal: AbortSignal): Promise<void>;
  /** Partitions were lost to others already: nothing can be committed any more. */
  lost(): void;
  /**
   * Records of one partition, in their order. Resolves when more may come: who wants none pauses the partition before.
   */
  records(topic: string, partition: number, records: Records<number>, highWatermark: number): Promise<void>;
  /** The log of a partition of which nothing is fetched at present ends there. */
  grown(topic: string, partition: number, end: number): void;
  /** Something is not as it should be, and goes on. */
  trouble(trouble: SourceTrouble): void;
  /** Nothing can be read any more. */
  fatal(error: Error): void;
}

/** Trouble that the source gets over. */
export interface SourceTrouble {
  readonly kind: 'disconnected' | 'lost-records' | 'another-log' | 'broken-batch' | 'commit' | 'no-topics' | 'refused';
  readonly message: string;
  readonly topic?: string;
  readonly partition?: number;
  /** Of a batch that cannot be read. */
  readonly offset?: number;
  /** Of records that were lost. */
  readonly count?: number;
}
