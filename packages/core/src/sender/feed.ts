import { TranquilityError } from '../errors/tranquility-error.js';
import { dropped, type DropReason, type Undelivered } from '../event/outcome.js';
import { createSender, type SenderTarget } from './create-sender.js';
import type { Receipt } from './delivery-queue.js';
import type { CloseOptions, Sender } from './sender.js';
import { RunningTally, type Tally } from './tally.js';

/** Where an adapter sends: a sender, which stays its owner's to close, or what to make one of for this adapter alone. */
export type Target<E = unknown> = Sender<E> | SenderTarget<E>;

export interface FeedOptions<E = unknown> {
  /** So many events were sent, in one batch: those of `events` at `from` and behind it. */
  readonly onSent?: (count: number, events: readonly (E | Uint8Array)[], from: number) => void;
  /** This event was not; of what was refused, its text. */
  readonly onUndelivered?: (event: E | Uint8Array | string, outcome: Undelivered) => void;
}

/** One adapter's share in a sender: it counts what the adapter wrote, and lets go of the sender in the end. */
export class Feed<E = unknown> {
  #sender: Sender<E> | undefined;
  #isOwn = false;
  readonly #tally = new RunningTally();
  readonly #closing = new AbortController();
  readonly #receipt: Receipt;
  /** The receipt that was given last, as most events come with the same one as those before. */
  #given: Receipt | undefined;
  #both: Receipt | undefined;

  constructor({ onSent, onUndelivered }: FeedOptions<E> = {}) {
    this.#receipt = {
      sent: (count, events, from) => {
        this.#tally.sent(count);
        onSent?.(count, events as readonly (E | Uint8Array)[], from);
      },
      undelivered: (event, outcome) => {
        this.#tally.undelivered(event, outcome);
        onUndelivered?.(event as E | Uint8Array, outcome);
      },
    };
  }

  /**
   * Finds the sender. Write nothing before that.
   * @throws (as a rejection) what {@link createSender} throws, when it has to make the sender.
   */
  async open(target: Target<E>): Promise<void> {
    this.#isOwn = 'config' in target;
    this.#sender = 'config' in target ? await createSender(target) : target;
    if (this.#closing.signal.aborted) await this.close({ timeout: 0 });
  }

  /** What was written so far, and what became of it. */
  get tally(): Tally {
    return this.#tally.snapshot();
  }

  /**
   * Takes one event.
   * @param receipt told its outcome too. The same one for many events costs the least.
   * @returns whether there is room for more. If not, wait for `drained()`.
   * @throws TRQ_SENDER_CLOSED; TRQ_BUFFER_FULL with `blockOnFull: false`.
   */
  write(event: E | Uint8Array, receipt?: Receipt): boolean {
    this.#tally.received++;
    try {
      return this.#opened.write(event, receipt === undefined ? this.#receipt : this.#bothOf(receipt));
    } catch (error) {
      this.#tally.received--;
      throw error;
    }
  }

  /**
   * Takes one event, and waits for a sender that is full, even where it would rather refuse (`blockOnFull: false`).
   * @param receipt as of `write`.
   * @returns nothing when there is room for more, else what to wait for: room, or the closing of this feed.
   * @throws (at once or as a rejection) TRQ_SENDER_CLOSED.
   */
  put(event: E | Uint8Array, receipt?: Receipt): Promise<void> | undefined {
    try {
      return this.write(event, receipt) ? undefined : this.drained();
    } catch (error) {
      if (!isBufferFull(error)) throw error;
      return this.#putLater(event, receipt);
    }
  }

  /** Counts an event that the adapter drops, or what was to be one and is none. */
  drop(event: E | Uint8Array | string, reason: DropReason, message: string): void {
    this.#tally.received++;
    this.#receipt.undelivered(event, dropped(reason, message));
  }

  /** Resolves when there is room for more, or the feed is closed. */
  drained(): Promise<void> {
    return this.#opened.drained({ signal: this.#closing.signal });
  }

  /** Sends what is waiting, without waiting for a full batch. */
  flush(): void {
    void this.#opened.flush();
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
    this.#closing.abort();
    if (this.#isOwn) await this.#sender?.close(options);
  }

  get #opened(): Sender<E> {
    if (this.#sender === undefined) throw new TranquilityError('TRQ_INTERNAL', 'The feed is not open');
    return this.#sender;
  }

  async #putLater(event: E | Uint8Array, receipt: Receipt | undefined): Promise<void> {
    await this.drained();
    if (!this.#closing.signal.aborted) await this.put(event, receipt);
  }

  #bothOf(receipt: Receipt): Receipt {
    if (this.#both === undefined || this.#given !== receipt) {
      this.#given = receipt;
      this.#both = both(this.#receipt, receipt);
    }
    return this.#both;
  }
}

function isBufferFull(error: unknown): boolean {
  return error instanceof TranquilityError && error.code === 'TRQ_BUFFER_FULL';
}

function both(one: Receipt, other: Receipt): Receipt {
  return {
    sent: (count, events, from) => {
      one.sent(count, events, from);
      other.sent(count, events, from);
    },
    undelivered: (event, outcome) => {
      one.undelivered(event, outcome);
      other.undelivered(event, outcome);
    },
  };
}
