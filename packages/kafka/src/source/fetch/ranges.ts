/** Who is told of answers. */
export interface FetchWatch {
  /** An answer has come to what was asked from an offset on, be there anything for us in it or not. */
  readonly answered: (topic: string, partition: number, offset: number) => void;
  /** The leader has said that its log ends before this offset, or begins behind it. */
  readonly outOfRange: (topic: string, partition: number, offset: number) => void;
}

/** What was asked of a broker, as far as it is looked at here. */
export interface Asked {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

/** An answer of any version, as far as it is looked at here. */
export interface Answered {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly PartitionAnswered[];
  }[];
}

interface PartitionAnswered {
  readonly partition: number;
  readonly errorCode: number;
  /** The broker that is to be asked instead; -1 for none. kafkajs asks it for a while. */
  readonly preferredReadReplica?: number;
  readonly messages?: readonly unknown[];
}

/** What kafkajs knows of leaders. */
export interface Leaders {
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
}

const outOfRange = 1;

/**
 * Keeps from kafkajs that an offset is out of a log's range: it would commit -2 in place of the group's place, go to the oldest record
 * without a word, and give up what the answer has of other partitions. Replicas that lag behind say it too, and any broker answers as one
 * that was the leader before: so the leader itself is asked.
 */
export class Ranges {
  readonly #leaders: Leaders;
  readonly #broker: number;
  readonly #watch: FetchWatch;

  /** @param broker whose answers these are. */
  constructor(leaders: Leaders, broker: number, watch: FetchWatch) {
    this.#leaders = leaders;
    this.#broker = broker;
    this.#watch = watch;
  }

  /** Tells of an answer. @returns what kafkajs is to know of it. */
  async watched<A extends Answered>(answer: A, asked: Asked): Promise<A> {
    const codes = answer.responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
    // At any other error it gives up the whole answer.
    const isTaken = codes.every((code) => code === 0 || code === outOfRange);
    const isInRange = !codes.includes(outOfRange);
    if (!isInRange) await this.#leaders.refreshMetadata().catch(() => undefined);
    for (const { topic, partitions } of asked.topics) {
      for (const { partition, fetchOffset } of partitions) {
        const isOut = !isInRange && codeOf(answer, topic, partition) === outOfRange;
        if (!isOut) {
          if (isTaken) this.#watch.answered(topic, partition, Number(fetchOffset));
        } else if (this.#leaderOf(topic, partition) === this.#broker) {
          this.#watch.outOfRange(topic, partition, Number(fetchOffset));
        }
      }
    }
    if (isInRange) return answer;
    const responses = answer.responses.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map((one) => (one.errorCode === outOfRange ? this.#emptied(topicName, one) : one)),
    }));
    return { ...answer, responses };
  }

  #emptied(topic: string, answer: PartitionAnswered): PartitionAnswered {
    const leader = this.#leaderOf(topic, answer.partition);
    const preferredReadReplica = leader === this.#broker ? -1 : leader;
    return { ...answer, errorCode: 0, preferredReadReplica, messages: [] };
  }

  /** @returns -1 where there is none. */
  #leaderOf(topic: string, partition: number): number {
    return (
      this.#leaders.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? -1
    );
  }
}

const codeOf = (answer: Answered, topic: string, partition: number): number | undefined =>
  answer.responses
    .filter(({ topicName }) => topicName === topic)
    .flatMap(({ partitions }) => partitions)
    .find((one) => one.partition === partition)?.errorCode;
