import { messageOf, type Clock, type Staging } from '@tranquility-js/core';
import { isWritten } from '../leases/is-written.js';
import { settledIn } from '../leases/lease.js';
import type { LeaseStore } from '../leases/lease-store.js';
import { isAborted, Patience, waited } from '../source/patience.js';
import type { StagedShard } from './staged-shard.js';
import { readToken, tokenText, type Token } from './token.js';

/** How often it is looked whether there is something to decide, in milliseconds. */
const lookMillis = 50;

export interface StagedCheckpointsOptions {
  /** Of all journals that are written to, as far as they are known. */
  readonly stagings: () => ReadonlySet<Staging>;
  /** The ledger of a stream's leases. */
  readonly ledger: (stream: string, table: string) => LeaseStore;
  /** Resolves when nothing is under way to the journals, nor to what may turn out to be one. */
  readonly flushed: () => Promise<void>;
  readonly clock: Clock;
  /** The ledger does not answer; it is asked again. */
  readonly onTrouble: (stream: string, message: string) => void;
}

/**
 * Shows events of a shard to Druid where it pulls, and writes down its place, such that both happen or neither does, whatever crashes in
 * between: what was not written down, and so is read again, is taken away.
 */
export class StagedCheckpoints {
  readonly #options: StagedCheckpointsOptions;

  constructor(options: StagedCheckpointsOptions) {
    this.#options = options;
  }

  /**
   * Writes down up to where a shard is settled, and shows what was sent from before. Nothing may be under way, nor be staged of another shard.
   * @param signal ends the wait for the ledger; who comes next decides then.
   * @throws (as a rejection) TRQ_JOURNAL_FAILED
   */
  async write(shard: StagedShard, signal: AbortSignal): Promise<void> {
    const { stream, created, table, held, lane } = shard;
    const { settled } = lane;
    const before = settledIn(held.lease);
    if (settled === undefined || (before !== undefined && !settled.isAfter(before))) return;
    const { leaseKey, leaseOwner: owner = '' } = held.lease;
    const token: Token = { stream, table, created, owner, shard: leaseKey, place: String(settled) };
    const staged: Staging[] = [];
    for (const staging of this.#options.stagings()) if (await staging.stage(tokenText(token))) staged.push(staging);
    const journals = staged.map(({ id }) => id);
    const isDone = await this.#answered(token, signal, async () => {
      if (await held.checkpoint(settled, journals)) return true;
      const [journal] = journals;
      return journal !== undefined && isWritten(this.#ledger(token), token, journal);
    });
    if (isDone === undefined) return;
    if (isDone) {
      for (const staging of staged) await staging.show();
      shard.onWritten();
    } else {
      await this.takeAway(signal);
    }
  }

  /**
   * Takes away all that is not shown, when it is known what a process before has left.
   * @throws (as a rejection) TRQ_JOURNAL_FAILED, TRQ_JOURNAL_STAGED
   */
  async takeAway(signal: AbortSignal): Promise<void> {
    const looking = new AbortController();
    const flushed = this.#options.flushed().finally(() => looking.abort());
    do {
      if (isAborted(signal)) return;
      // What is under way waits for it, and it is known only once Druid is.
      await this.decide(signal);
      await waited(this.#options.clock, lookMillis, looking.signal);
    } while (!isAborted(looking.signal));
    await flushed;
    for (const staging of this.#options.stagings()) await staging.drop();
  }

  /**
   * Decides what a process before has left undecided. Until then nothing is taken by these journals.
   * @param signal ends the wait for the ledger.
   * @throws (as a rejection) TRQ_JOURNAL_FAILED; TRQ_JOURNAL_STAGED where another connector has left it.
   */
  async decide(signal: AbortSignal): Promise<void> {
    for (const staging of this.#options.stagings()) {
      if (staging.undecided === undefined) continue;
      const token = readToken(staging.undecided);
      const isDone = await this.#answered(token, signal, () => isWritten(this.#ledger(token), token, staging.id));
      if (isDone === undefined) return;
      await (isDone ? staging.show() : staging.drop());
    }
  }

  #ledger({ stream, table }: Token): LeaseStore {
    return this.#options.ledger(stream, table);
  }

  /** Asks the ledger until it answers, or the signal aborts: nothing then. */
  async #answered<T>(token: Token, signal: AbortSignal, ask: () => Promise<T>): Promise<T | undefined> {
    const patience = new Patience(this.#options.clock, (_, error) => {
      const what = `whether ${token.shard} is read up to ${token.place} cannot be written down`;
      this.#options.onTrouble(token.stream, `${token.stream}: ${what}: ${messageOf(error)} It is tried again.`);
    });
    while (!isAborted(signal)) {
      try {
        return await ask();
      } catch (error) {
        await patience.after(error, signal);
      }
    }
    return undefined;
  }
}
