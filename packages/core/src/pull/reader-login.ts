import { messageOf } from '../errors/tranquility-error.js';
import { kafkaErrors } from './kafka-errors.js';
import type { Request } from './request.js';
import type { Sasl, SaslExchange } from './sasl.js';
import { WireWriter } from './wire-writer.js';

/** An answer, and whether the connection ends behind it. */
export interface LoginAnswer {
  readonly writer: WireWriter;
  readonly ends: boolean;
}

/** Whether one connection may ask for what is served, and how it comes to that. */
export class ReaderLogin {
  readonly #sasl: Sasl | undefined;
  #exchange: SaslExchange | undefined;
  #user: string | undefined;

  /** @param sasl `undefined` where nobody needs to show who it is. */
  constructor(sasl: Sasl | undefined) {
    this.#sasl = sasl;
  }

  get mayRead(): boolean {
    return this.#sasl === undefined || this.#user !== undefined;
  }

  /** @throws RangeError where a handshake is out of place. */
  handshake({ body, flexible }: Request): LoginAnswer {
    const sasl = this.#expected();
    this.#exchange = sasl.begin(body.string());
    const ends = this.#exchange === undefined;
    const writer = new WireWriter(flexible);
    writer.int16(ends ? kafkaErrors.unsupportedSaslMechanism : kafkaErrors.none);
    writer.array(sasl.mechanisms, (name) => writer.string(name));
    return { writer, ends };
  }

  /** @throws RangeError where it is out of place. */
  async authenticate({ body, version, flexible }: Request): Promise<LoginAnswer> {
    this.#expected();
    if (this.#exchange === undefined) throw new RangeError('it authenticates before it has chosen a mechanism');
    const message = body.bytes();
    const writer = new WireWriter(flexible);
    const finish = (error: number, text: string | undefined, answer: Buffer): LoginAnswer => {
      writer.int16(error).string(text).bytes(answer);
      if (version >= 1) writer.int64(0);
      writer.tags();
      return { writer, ends: error !== kafkaErrors.none };
    };
    try {
      const { answer, user } = await this.#exchange.step(message);
      this.#user = user;
      return finish(kafkaErrors.none, undefined, answer);
    } catch (error) {
      this.#exchange = undefined;
      return finish(kafkaErrors.saslAuthenticationFailed, messageOf(error), Buffer.alloc(0));
    }
  }

  #expected(): Sasl {
    if (this.#sasl === undefined) throw new RangeError('it authenticates where nobody has to');
    if (this.mayRead) throw new RangeError('it authenticates a second time');
    return this.#sasl;
  }
}
