import { setTimeout as sleep } from 'node:timers/promises';
import { sql, until } from './druid.js';
import { distinctAtOnce, numberedEvent } from './numbered.js';

/** The events of a POST. */
const rows = 50;

/** What a client that tries again must not do at once, in milliseconds. */
const pause = 20;

export interface PostsOptions {
  /** Without the query. */
  readonly url: string;
  readonly clients: number;
  /** POSTs a second of all of them together. */
  readonly perSecond: number;
}

/** Clients that post numbered events, each number once, whatever becomes of it, and remember what they were answered. */
export class Posts {
  readonly #options: PostsOptions;
  readonly #taken: number[] = [];
  readonly #answers = new Map<string, number>();
  readonly #faults: string[] = [];
  readonly #clients: Promise<void>[];
  #query = '';
  #next = 0;
  #isOver = false;

  constructor(options: PostsOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, () => this.#client());
  }

  /** Says behind the `?` of what is posted from now on: `async=true`. */
  ask(query: string): void {
    this.#query = query;
  }

  /** How many POSTs were answered so: with a status, or `broken`. */
  answered(how: string): number {
    return this.#answers.get(how) ?? 0;
  }

  /** How many events were in those that were answered 200. */
  get taken(): number {
    return this.#taken.length * rows;
  }

  /** What was answered, and should not have been. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Lets the clients end with what they have begun. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  /**
   * Waits until Druid has every event of each POST that was answered 200.
   * @returns how many it has not got, and how many more it has than they are.
   */
  async lookFor(dataSource: string, millis: number): Promise<{ missing: number; twice: number }> {
    return until(
      () => this.#find(dataSource),
      ({ missing }) => missing === 0,
      millis,
    );
  }

  async #find(dataSource: string): Promise<{ missing: number; twice: number }> {
    const posts = new Map<number, { each: number; all: number }>();
    const end = this.#next * rows;
    for (let from = 0; from < end; from += distinctAtOnce) {
      const query = `SELECT "post", COUNT(*) AS "each", SUM("c") AS "all"
        FROM (SELECT "n" / ${rows} AS "post", "n", COUNT(*) AS c FROM "${dataSource}"
          WHERE "n" >= ${from} AND "n" < ${from + distinctAtOnce} GROUP BY 1, 2) GROUP BY 1`;
      for (const row of await sql(query)) {
        posts.set(Number(row['post']), { each: Number(row['each']), all: Number(row['all']) });
      }
    }
    const missing = this.#taken.reduce((sum, post) => sum + rows - (posts.get(post)?.each ?? 0), 0);
    const twice = [...posts.values()].reduce((sum, { all, each }) => sum + all - each, 0);
    return { missing, twice };
  }

  async #client(): Promise<void> {
    const { clients, perSecond } = this.#options;
    while (!this.#isOver) {
      const rest = sleep((clients / perSecond) * 1_000);
      const isTaken = await this.#post();
      await Promise.all([rest, isTaken ? undefined : sleep(pause)]);
    }
  }

  /** @returns whether the events were taken. */
  async #post(): Promise<boolean> {
    const number = this.#next++;
    const events = Array.from({ length: rows }, (_, row) => numberedEvent(number * rows + row));
    const query = this.#query;
    try {
      const response = await fetch(`${this.#options.url}?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(events),
      });
      const text = await response.text();
      this.#count(String(response.status));
      if (response.status === 200) this.#note(number, text, query);
      else if (response.status !== 503 || response.headers.get('retry-after') === null) {
        this.#faults.push(`${response.status}, Retry-After ${response.headers.get('retry-after')}: ${text}`);
      }
      return response.status === 200;
    } catch {
      this.#count('broken');
      return false;
    }
  }

  #note(number: number, text: string, query: string): void {
    const sent = query === '' ? rows : 0;
    if (text === JSON.stringify({ result: { received: rows, sent } })) this.#taken.push(number);
    else this.#faults.push(text);
  }

  #count(how: string): void {
    this.#answers.set(how, this.answered(how) + 1);
  }
}
