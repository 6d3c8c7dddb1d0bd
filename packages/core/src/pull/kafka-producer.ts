import type { Kafka, Message, Producer } from 'kafkajs';

/** A producer that is connected, and how many are sending with it. */
interface Current {
  readonly producer: Promise<Producer>;
  users: number;
  isBroken: boolean;
}

/** An idempotent producer for a topic; after a failure that it does not get over another one, as its sequence may be broken then. */
export class KafkaProducer {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #current: Current | undefined;

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  /** Resolves when all replicas that Kafka asks for have them. */
  async send(messages: Message[]): Promise<void> {
    const current = (this.#current ??= { producer: this.#connect(), users: 0, isBroken: false });
    current.users++;
    try {
      await (await current.producer).send({ topic: this.#topic, acks: -1, messages });
    } catch (error) {
      current.isBroken = true;
      if (this.#current === current) this.#current = undefined;
      throw error;
    } finally {
      // Others may have requests under way with it.
      if (--current.users === 0 && current.isBroken) await end(current);
    }
  }

  async close(): Promise<void> {
    if (this.#current !== undefined) await end(this.#current);
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      ...{ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false },
    });
    await producer.connect();
    return producer;
  }
}

async function end({ producer }: Current): Promise<void> {
  await producer.then((made) => made.disconnect()).catch(() => undefined);
}
