import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Sender } from '@tranquility-js/core';
import { createDruidWritable } from '@tranquility-js/node-streams';
import { toDruid } from '@tranquility-js/rxjs-operator';
import { Subject } from 'rxjs';

/** Sends so many rows; resolves when all are acknowledged. */
export type Send = (rows: number) => Promise<void>;

/** A Writable, written to as its own answer allows. */
export function throughWritable(sender: Sender, events: readonly unknown[]): Send {
  return async (rows) => {
    const writable = createDruidWritable(sender);
    for (let i = 0; i < rows; i++) {
      if (!writable.write(events[i % events.length])) await once(writable, 'drain');
    }
    writable.end();
    await finished(writable);
  };
}

/** The operator behind a Subject that stops while it is full, and a listener that counts its outcomes. */
export function throughOperator(sender: Sender, events: readonly unknown[]): Send {
  return async (rows) => {
    const source = new Subject<unknown>();
    const operator = toDruid(sender);
    let [isFull, sent] = [true, 0];
    let goOn = (): void => undefined;
    const watch = operator.bufferFull$.subscribe((now) => {
      isFull = now;
      if (!now) goOn();
    });
    const done = new Promise<void>((complete, error) => {
      source.pipe(operator).subscribe({
        next: ({ status }) => {
          if (status === 'sent') sent++;
        },
        complete,
        error,
      });
    });
    for (let i = 0; i < rows; i++) {
      if (isFull) await new Promise<void>((resolve) => (goOn = resolve));
      source.next(events[i % events.length]);
    }
    source.complete();
    await done;
    watch.unsubscribe();
    if (sent !== rows) throw new Error(`Of ${rows} rows ${sent} had the outcome sent`);
  };
}
