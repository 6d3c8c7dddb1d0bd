import { describe, expect, it } from 'vitest';
import { watched } from '../src/source/watched.js';

const never = new AbortController().signal;

/** A clock whose sleeps end when they are ended. */
class Sleeps {
  readonly #wakes: (() => void)[] = [];
  now = (): number => 0;

  sleep = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      this.#wakes.push(resolve);
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });

  end(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a subscription that is watched', () => {
  it('gives its events to its end, and is closed', async () => {
    let given: AbortSignal | undefined;
    const events = watched(
      (signal) => {
        given = signal;
        return Promise.resolve(
          (async function* () {
            for (const event of [1, 2]) {
              yield event;
              await turn();
            }
          })(),
        );
      },
      { clock: new Sleeps(), silentMillis: 30_000, signal: never },
    );
    const found: number[] = [];
    for await (const event of events) found.push(event);
    expect(found).toEqual([1, 2]);
    expect(given?.aborted).toBe(true);
  });

  it.each(['first event', 'second event', 'answer'])('fails when its %s does not come in time', async (what) => {
    const clock = new Sleeps();
    let given: AbortSignal | undefined;
    const hang = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('closed'));
        });
      });
    const events = watched(
      (signal) => {
        given = signal;
        if (what === 'answer') return hang(signal);
        return Promise.resolve(
          (async function* () {
            if (what === 'second event') yield 1;
            yield await hang(signal);
          })(),
        );
      },
      { clock, silentMillis: 30_000, signal: never },
    );
    if (what === 'second event') expect(await events.next()).toEqual({ done: false, value: 1 });
    const next = events.next();
    await turn();
    clock.end();
    await expect(next).rejects.toThrow('Nothing came for 30 s.');
    expect(given?.aborted).toBe(true);
  });
});
