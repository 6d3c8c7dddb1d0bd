import { createHash } from 'node:crypto';
import type { Answer } from './answer.js';
import type { MayPost } from './route.js';

/** The most answers that are kept; the oldest go first. */
const mostAnswers = 100_000;

/** The most bytes of their bodies that are kept; here too the oldest go first. */
const mostBytes = 32 * 1024 * 1024;

const replayed = 'idempotent-replayed';

/** A request that names a key. */
export interface KeyedRequest {
  readonly run: () => Promise<Answer>;
  /** Those that it posts to; complete when it has run. */
  readonly dataSources: ReadonlySet<string>;
  readonly mayPost: MayPost;
}

interface Done {
  readonly answer: Answer;
  readonly dataSources: ReadonlySet<string>;
}

interface Kept extends Done {
  readonly until: number;
}

/** Keeps the answers to requests that name a key, so that a repeated one is answered alike and does nothing. Within one process. */
export class Idempotency {
  readonly #millis: number;
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;
  readonly #underWay = new Map<string, Promise<Done>>();

  /** @param millis how long an answer is kept. */
  constructor(millis: number) {
    this.#millis = millis;
  }

  /**
   * Does a request, unless one with this key has been done, or is under way and is done then: that is answered again, to who may post to the same
   * dataSources.
   * @param key what makes requests the same, in words of any length.
   * @throws what the request throws.
   */
  async once(key: readonly string[], request: KeyedRequest): Promise<Answer> {
    const print = createHash('sha256').update(JSON.stringify(key)).digest('base64');
    for (;;) {
      const before = await (this.#underWay.get(print)?.catch(() => undefined) ?? this.#find(print));
      if (before !== undefined && isFinal(before.answer)) {
        if (![...before.dataSources].every(request.mayPost)) return request.run();
        return { ...before.answer, headers: { ...before.answer.headers, [replayed]: 'true' } };
      }
      if (!this.#underWay.has(print)) return this.#run(print, request);
    }
  }

  #find(print: string): Done | undefined {
    const kept = this.#kept.get(print);
    return kept !== undefined && kept.until > performance.now() ? kept : undefined;
  }

  async #run(print: string, { run, dataSources }: KeyedRequest): Promise<Answer> {
    const underWay = run().then((answer) => ({ answer, dataSources }));
    this.#underWay.set(print, underWay);
    try {
      const done = await underWay;
      if (isFinal(done.answer)) this.#keep(print, done);
      return done.answer;
    } finally {
      this.#underWay.delete(print);
    }
  }

  #keep(print: string, done: Done): void {
    const now = performance.now();
    // One that is kept anew goes to the end.
    this.#forget(print);
    const bytes = bytesOf(done.answer);
    for (const [old, { until }] of this.#kept) {
      if (until > now && this.#kept.size < mostAnswers && this.#keptBytes + bytes <= mostBytes) break;
      this.#forget(old);
    }
    if (this.#millis <= 0 || bytes > mostBytes) return;
    this.#kept.set(print, { ...done, until: now + this.#millis });
    this.#keptBytes += bytes;
  }

  #forget(print: string): void {
    const kept = this.#kept.get(print);
    if (kept === undefined) return;
    this.#kept.delete(print);
    this.#keptBytes -= bytesOf(kept.answer);
  }
}

/** A text has two bytes a character at most, while it is kept. */
const bytesOf = ({ body }: Answer): number => (typeof body === 'string' ? 2 : 1) * body.length;

/** Whether the client need not try again. */
const isFinal = ({ status }: Answer): boolean => status === 200 || status === 400;

/** Whether it is the answer to a request before. Then the body of this one is unread. */
export const isReplayed = ({ headers }: Answer): boolean => replayed in headers;
