import { json, text, type Answer } from '../http/answer.js';
import type { SandboxRequest } from '../http/request.js';
import type { Handler } from '../http/routes.js';

/** Which of the overlords leads, if any. */
export class Leadership {
  readonly #urls: string[] = [];
  #leader: number | undefined = 0;

  /** The overlords' addresses, in the order in which they were started. */
  get urls(): readonly string[] {
    return this.#urls;
  }

  /** The address of the one that leads. */
  get leader(): string | undefined {
    return this.#leader === undefined ? undefined : this.#urls[this.#leader];
  }

  join(url: string): void {
    this.#urls.push(url);
  }

  /**
   * @param index which of the overlords leads from now on; undefined: none.
   * @throws RangeError when there is none of that number.
   */
  change(index: number | undefined): void {
    if (index !== undefined && this.#urls[index] === undefined) {
      throw new RangeError(`There is no overlord ${index}: there are ${this.#urls.length}, counted from 0.`);
    }
    this.#leader = index;
  }

  /** What the overlord of that number answers: for itself, or where the leader is. */
  guard(index: number, leading: Handler): Handler {
    return (request) => {
      if (request.path === '/druid/indexer/v1/isLeader') return this.#isLeader(index);
      if (request.path === '/druid/indexer/v1/leader') {
        return this.leader === undefined ? { status: 404 } : text(this.leader);
      }
      if (!request.path.startsWith('/druid/indexer/') || this.#leader === index) return leading(request);
      return this.#redirect(request);
    };
  }

  #isLeader(index: number): Answer {
    const leader = this.#leader === index;
    return json({ leader }, leader ? 200 : 404);
  }

  #redirect({ path, query }: SandboxRequest): Answer {
    if (this.leader === undefined) return { status: 503 };
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    return { status: 307, headers: { location: `${this.leader}${encodeURI(path)}${search}` } };
  }
}
