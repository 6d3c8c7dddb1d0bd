import { setImmediate as turn } from 'node:timers/promises';
import type { Sender } from '@tranquility-js/core';
import type { Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** The frame of the last marble that is played. */
const lastFrame = 100;

export interface Played<T> {
  /** What was emitted, as `TestScheduler.parseMarbles` gives it. */
  readonly messages: unknown;
  readonly values: T[];
}

/**
 * Plays marbles in virtual time against real deliveries: whatever the events of a frame lead to is over before the next frame.
 * @param sender waited for at each frame.
 * @param observe what is subscribed to, made of Observables of the scheduler.
 * @param unsubscribeAt the frame at whose beginning the subscription is ended.
 */
export async function play<T>(
  sender: Sender,
  observe: (scheduler: TestScheduler) => Observable<T>,
  unsubscribeAt?: number,
): Promise<Played<T>> {
  const scheduler = new TestScheduler(() => undefined);
  const [messages, values]: [unknown[], T[]] = [[], []];
  const note = (kind: 'N' | 'E' | 'C', value?: T, error?: unknown): void => {
    messages.push({ frame: scheduler.frame, notification: { kind, value, error } });
  };
  const subscription = observe(scheduler).subscribe({
    next: (value) => {
      values.push(value);
      note('N', value);
    },
    error: (error: unknown) => {
      note('E', undefined, error);
    },
    complete: () => {
      note('C');
    },
  });
  for (let frame = 0; frame <= lastFrame; frame += 10) {
    scheduler.frame = frame;
    if (frame === unsubscribeAt) subscription.unsubscribe();
    scheduler.maxFrames = frame;
    scheduler.flush();
    scheduler.frame = frame;
    await settled(sender);
  }
  subscription.unsubscribe();
  return { messages, values };
}

/** Resolves when all that was written is settled, and everyone was told. */
async function settled(sender: Sender): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await turn();
    await sender.flush();
  }
}

/** What marbles say. */
export function marbles(text: string, values: Record<string, unknown> = {}, error?: unknown): unknown {
  return TestScheduler.parseMarbles(text, values, error);
}
