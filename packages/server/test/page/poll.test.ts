import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { poll } from '../../page/console/poll.js';

/** What is answered, one after the other; then always the last. */
let answers: (() => Response)[];
let asked: number;
let shown: unknown[];
let told: (string | undefined)[];
beforeEach(() => {
  [asked, shown, told] = [0, [], []];
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('fetch', () => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    return answer === undefined ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(answer());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const good = (): Response => new Response('{"ready":true}');

/** One whose body breaks off. */
const torn = (): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"a":')),
      pull: (controller) => controller.error(new TypeError('terminated')),
    }),
  );

/** Looks at what comes, so many times. */
async function watch(times: number): Promise<void> {
  const show = (answer: unknown): unknown => shown.push(answer);
  poll('v1/live', 1000, show, (error) => void told.push(error?.message));
  for (let time = 1; time <= times; time++) {
    if (time > 1) await vi.advanceTimersToNextTimerAsync();
    for (let turn = 0; turn < 10_000 && vi.getTimerCount() === 0; turn++) await new Promise(setImmediate);
    expect(vi.getTimerCount()).toBe(1);
  }
}

describe('the console', () => {
  it.each([
    ['breaks off', torn, 'The server does not answer.'],
    ['is no JSON', () => new Response('<html>'), expect.stringMatching(/^What answers is not the server/)],
    ['is a refusal', () => new Response('Not you\n', { status: 403 }), 'Not you'],
  ])('asks again after an answer that %s', async (_, bad, message) => {
    answers = [bad, good];
    await watch(3);
    expect(told).toEqual([message, undefined, undefined]);
    expect(shown).toEqual([{ ready: true }, { ready: true }]);
  });
});
