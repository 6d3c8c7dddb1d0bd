import type { IncomingHttpHeaders } from 'node:http';

const mostProducers = 10_000;
const longest = 2n ** 63n - 1n;

/** Tells pushes that came before by the sequence number that their producer gives them. */
export class Producers {
  readonly #last = new Map<string, bigint>();

  /**
   * Notes the number before the push is done, as Druid does: what fails after that and is sent again is taken for done.
   * @returns `'repeated'`, or what is wrong with the headers.
   */
  check(headers: IncomingHttpHeaders): 'new' | 'repeated' | { readonly status: number; readonly error: string } {
    const [id, sequence] = [headers['x-firehose-producer-id'], headers['x-firehose-producer-seq']];
    if (typeof id !== 'string') return 'new';
    if (typeof sequence !== 'string') return { status: 400, error: 'Producer sequence value is missing' };
    if (!/^[+-]?\d+$/.test(sequence) || BigInt(sequence.replace('+', '')) > longest) {
      return { status: 400, error: 'Producer sequence must be a number' };
    }
    if (this.#last.size >= mostProducers) {
      return { status: 403, error: 'Too many individual producer IDs for this firehose.  Max is 10000' };
    }
    const number = BigInt(sequence.replace('+', ''));
    const last = this.#last.get(id);
    if (last !== undefined && number <= last) return 'repeated';
    this.#last.set(id, number);
    return 'new';
  }
}
