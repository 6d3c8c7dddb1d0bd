import { createHash } from 'node:crypto';
import type { Answer } from './answer.js';

/** The most answers that are kept; the oldest go first. */
const mostAnswers = 100_000;

const replayed = 'idempotent-replayed';

interface Kept {
  readonly answer: Answer;
  readonly until: number;
}

/** Keeps the answers to requests that name a key, so that a repeated one is answered alike and does nothing. Within one process. */
export class Idempotency {
  readonly #millis: number;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<Answer>>();

  /** @param millis how long an answer is kept. */
  constructor(millis: number) {
    this.#millis = millis;
  }

  /**
   * Does a request, unless one with this key has been done, or is under way and is done then: that is answered again.
   * @param key what makes requests the same, in words of any length.
   * @throws what the request throws.
   */
  async once(key: readonly string[], request: () => Promise<Answer>): Promise<Answer> {
    const print = createHash('sha256').update(JSON.stringify(key)).digest('base64');
    for (;;) {
      const before = await (this.#underWay.get(print)?.catch(() => undefined) ?? this.#find(print));
      if (before !== undefined && isFinal(before)) {
        return { ...before, headers: { ...before.headers, [replayed]: 'true' } };
      }
      if (!this.#underWay.has(print)) return this.#run(print, request);
    }
  }

  #find(print: string): Answer | undefined {
    const kept = this.#kept.get(print);
    return kept !== undefined && kept.until > performance.now() ? kept.answer : undefined;
  }

  async #run(print: string, request: () => Promise<Answer>): Promise<Answer> {
    const underWay = request();
    this.#underWay.set(print, underWay);
    try {
      const answer = await underWay;
      if (isFinal(answer)) this.#keep(print, answer);
      return answer;
    } finally {
      this.#underWay.delete(print);
    }
  }

  #keep(print: string, answer: Answer): void {
    const now = performance.now();
    // One that is kept anew goes to the end.
    this.#kept.delete(print);
    for (const [old, { until }] of this.#kept) {
      if (until > now && this.#kept.size < mostAnswers) break;
      this.#kept.delete(old);
    }
    if (this.#millis > 0) this.#kept.set(print, { answer, until: now + this.#millis });
  }
}

/** Whether the client need not try again. */
const isFinal = ({ status }: Answer): boolean => status === 200 || status === 400;

/** Whether it is the answer to a request before. Then the body of this one is unread. */
export const isReplayed = ({ headers }: Answer): boolean => replayed in headers;
