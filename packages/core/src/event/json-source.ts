import { orAborted } from '../time/or-aborted.js';

/** The chunks of a source. With a signal, waiting for a chunk ends when it is aborted, and the signal's reason is thrown. */
export async function* chunksOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  signal.throwIfAborted();
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let done = false;
  try {
    for (;;) {
      const next = await orAborted(Promise.resolve(iterator.next()), signal);
      if (next.done === true) {
        done = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!done) leave(iterator);
  }
}

/** Tells a source that no more is wanted. Does not wait for it: a source that is stuck would not answer. */
function leave(iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>): void {
  void Promise.resolve(iterator.return?.()).catch(() => undefined);
}
