import type { KafkaMessage } from 'kafkajs';
import { refusalIn } from '../../codecs/refused-records.js';
import type { KafkaRecord } from '../source.js';

const noHeaders = {};

/** A record as kafkajs reads it. What is seldom asked for is worked out when it is. */
export class MessageRecord implements KafkaRecord {
  readonly position: number;
  next: number;
  readonly value: Buffer | null;
  readonly refused: string | undefined;
  readonly #message: KafkaMessage;

  constructor(message: KafkaMessage) {
    this.#message = message;
    this.position = Number(message.offset);
    this.next = this.position + 1;
    this.refused = message.value === null ? undefined : refusalIn(message.value);
    this.value = this.refused === undefined ? message.value : null;
  }

  get key(): Buffer | null {
    return this.#message.key;
  }

  get headers(): KafkaRecord['headers'] {
    return this.#message.headers ?? noHeaders;
  }

  get timestamp(): number {
    return Number(this.#message.timestamp);
  }
}
