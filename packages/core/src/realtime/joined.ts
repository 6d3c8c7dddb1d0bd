import type { Patience } from '../druid/overlord-client.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { orAborted } from '../time/or-aborted.js';

/** Work that several wait for. */
export interface SharedWork<T> {
  readonly work: Promise<T>;
  /** Whether it was begun just now, with the patience of who asks. */
  readonly isOurs: boolean;
}

/**
 * Waits for work that others may have begun, and leaves it when our own signal aborts. If it failed only because another's patience
 * had ended, it is begun anew with ours.
 */
export async function joined<T>(share: () => SharedWork<T>, { clock, deadline, signal }: Patience): Promise<T> {
  for (;;) {
    const { work, isOurs } = share();
    try {
      return await orAborted(work, signal);
    } catch (error) {
      const mayPass = error instanceof TranquilityError ? error.retryable : true;
      if (isOurs || !mayPass || signal?.aborted === true || clock.now() >= deadline) throw error;
    }
  }
}
