import type { Undelivered } from '../event/outcome.js';
import { createSender, type SenderTarget } from './create-sender.js';
import type { Receipt } from './delivery-queue.js';
import { Sender, type CloseOptions } from './sender.js';
import { RunningTally, type Tally } from './tally.js';

/** Where an adapter sends: a sender, which stays its owner's to close, or what to make one of for this adapter alone. */
export type Target = Sender | SenderTarget;

export interface FeedOptions {
  /** So many events were sent, in one batch. */
  readonly onSent?: (count: number) => void;
  /** This event was not. */
  readonly onUndelivered?: (event: unknown, outcome: Undelivered) => void;
}

/** One adapter's share in a sender: it counts what the adapter wrote, and lets go of the sender in the end. */
export class Feed {
  readonly #sender: Sender;
  readonly #isOwn: boolean;
  readonly #tally = new RunningTally();
  readonly #receipt: Receipt;

  private constructor(sender: Sender, isOwn: boolean, { onSent, onUndelivered }: FeedOptions) {
    this.#sender = sender;
    this.#isOwn = isOwn;
    this.#receipt = {
      sent: (count) => {
        this.#tally.sent(count);
        onSent?.(count);
      },
      undelivered: (event, outcome) => {
        this.#tally.undelivered(event, outcome);
        onUndelivered?.(event, outcome);
      },
    };
  }

  /** @throws what {@link createSender} throws, when it has to make the sender. */
  static async open(target: Target, options: FeedOptions = {}): Promise<Feed> {
    const isOwn = !(target instanceof Sender);
    return new Feed(isOwn ? await createSender(target) : target, isOwn, options);
  }

  /** What was written so far, and what became of it. */
  get tally(): Tally {
    return this.#tally.snapshot();
  }

  /**
   * Takes one event.
   * @param receipt told its outcome too.
   * @returns whether there is room for more. If not, wait for `drained()`.
   * @throws TRQ_SENDER_CLOSED; TRQ_BUFFER_FULL with `blockOnFull: false`.
   */
  write(event: unknown, receipt?: Receipt): boolean {
    this.#tally.received++;
    try {
      return this.#sender.write(event, receipt === undefined ? this.#receipt : both(this.#receipt, receipt));
    } catch (error) {
      this.#tally.received--;
      throw error;
    }
  }

  /** Counts something that was to be an event, and is none. */
  refuse(input: unknown, reason: string): void {
    this.#tally.received++;
    this.#receipt.undelivered(input, { status: 'dropped', reason: 'unparseable', message: reason });
  }

  /** Resolves when there is room for more, or the signal aborts. */
  drained(options?: { readonly signal?: AbortSignal }): Promise<void> {
    return this.#sender.drained(options);
  }

  /** Sends what is waiting, without waiting for a full batch. */
  flush(): void {
    void this.#sender.flush();
  }

  /** Resolves when every event that was written has its outcome; closes the sender if it is the adapter's own. Write no more after it. */
  async end(): Promise<Tally> {
    this.flush();
    const tally = await this.#tally.result();
    await this.close();
    return tally;
  }

  /** Lets go of the sender. Events that are still under way fail with TRQ_ABORTED, unless the sender is somebody else's. */
  async close(options: CloseOptions = {}): Promise<void> {
    if (this.#isOwn) await this.#sender.close(options);
  }
}

function both(one: Receipt, other: Receipt): Receipt {
  return {
    sent: (count) => {
      one.sent(count);
      other.sent(count);
    },
    undelivered: (event, outcome) => {
      one.undelivered(event, outcome);
      other.undelivered(event, outcome);
    },
  };
}
