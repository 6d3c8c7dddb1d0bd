import { createSender, type Sender } from '@tranquility-js/core';
import { type Click, clicks, clicksOf, ScriptedDruid, upTo, usersIn } from '@tranquility-js/scripted-druid';
import { map, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDruid, type DruidOptions, type DruidOutcome } from '../src/index.js';
import { marbles, play, type Played } from './support/marbles.js';

const [a, b, c] = clicks(3) as [Click, Click, Click];
const late: Click = { time: 1, user: 9 };
const events = { a, b, c, l: late };
const sentOf = (event: Click): DruidOutcome<Click> => ({ event, status: 'sent' });
const outcomes = { a: sentOf(a), b: sentOf(b), c: sentOf(c) };

let druid: ScriptedDruid;
let sender: Sender;
beforeEach(async () => {
  druid = await ScriptedDruid.start();
  sender = await createSender(clicksOf(druid, { 'tranquility.maxBatchSize': 1 }));
});
afterEach(async () => {
  await sender.close();
  await druid[Symbol.asyncDispose]();
});

/** Plays a source through the operator. */
async function playToDruid(source: string, options?: DruidOptions, unsubscribeAt?: number) {
  let cold: ReturnType<TestScheduler['createColdObservable']> | undefined;
  const played: Played<DruidOutcome<Click>> = await play(
    sender,
    (scheduler) => {
      const source$ = scheduler.createColdObservable<Click>(source, events, new Error('the source broke'));
      cold = source$;
      return source$.pipe(toDruid(sender, options));
    },
    unsubscribeAt,
  );
  return { ...played, subscriptions: cold?.subscriptions };
}

const subscribed = (subscribedFrame: number, unsubscribedFrame: number): object => ({
  subscribedFrame,
  unsubscribedFrame,
});

describe('toDruid in marbles', () => {
  it('never', async () => {
    const { messages, subscriptions } = await playToDruid('---');
    expect(messages).toEqual(marbles('---'));
    expect(subscriptions).toEqual([subscribed(0, 100)]);
  });

  it('empty', async () => {
    expect((await playToDruid('--|')).messages).toEqual(marbles('--|'));
    expect((await playToDruid('|')).messages).toEqual(marbles('|'));
  });

  it('single', async () => {
    expect((await playToDruid('-a-|')).messages).toEqual(marbles('-a-|', outcomes));
    expect((await playToDruid('(a|)')).messages).toEqual(marbles('(a|)', outcomes));
    expect(usersIn(druid)).toEqual([0, 0]);
  });

  it('many', async () => {
    const { messages, subscriptions } = await playToDruid('-a-(bc)-|');
    expect(messages).toEqual(marbles('-a-(bc)-|', outcomes));
    expect(subscriptions).toEqual([subscribed(0, 80)]);
    expect(usersIn(druid)).toEqual([0, 1, 2]);
  });

  it('many, some of them dropped', async () => {
    const { values } = await playToDruid('-(alb)|');
    expect(values.map(({ event, status }) => [event, status])).toEqual([
      [a, 'sent'],
      [late, 'dropped'],
      [b, 'sent'],
    ]);
    expect(values[1]).toMatchObject({ reason: 'late', message: expect.stringContaining('1970-01-01') as string });
  });

  it('error: after the outcomes of the events before', async () => {
    const { messages } = await playToDruid('-a-(b#)');
    expect(messages).toEqual(marbles('-a-(b#)', outcomes, new Error('the source broke')));
    expect(usersIn(druid)).toEqual([0, 1]);
  });

  it('early disposal', async () => {
    const { messages, subscriptions } = await playToDruid('-a-b-c-|', {}, 40);
    expect(messages).toEqual(marbles('-a-b', outcomes));
    expect(subscriptions).toEqual([subscribed(0, 40)]);
    expect(usersIn(druid)).toEqual([0, 1]);
    expect(await sender.send(c)).toEqual({ status: 'sent' });
  });

  it('a callback behind it that throws', async () => {
    const broken = (): never => {
      throw new Error('not my day');
    };
    const { messages } = await play(sender, (scheduler): Observable<unknown> => {
      return scheduler.createColdObservable<Click>('-a-b-|', events).pipe(toDruid(sender), map(broken));
    });
    expect(messages).toEqual(marbles('-#', {}, new Error('not my day')));
    expect(usersIn(druid)).toEqual([0]);
  });

  it('an event that cannot be delivered: the end, or an outcome', async () => {
    druid.script = ({ path, body }) =>
      path.endsWith('push-events') && body.includes('"user":1') ? { status: 403, body: 'no' } : undefined;
    const refused = expect.objectContaining({ code: 'TRQ_PUSH_REFUSED' }) as unknown;
    expect((await playToDruid('-a-b-c-|')).messages).toEqual(marbles('-a-#', outcomes, refused));
    expect((await playToDruid('-a-b-c-|', { onFailure: 'outcome' })).messages).toEqual(
      marbles('-a-b-c-|', { ...outcomes, b: { event: b, status: 'failed', error: refused } }),
    );
  });

  it('out of order, if that is wanted', async () => {
    const { values } = await playToDruid('-(alb)|', { ordered: false });
    expect(values.map(({ status }) => status)).toEqual(['dropped', 'sent', 'sent']);
    expect(upTo(2)).toEqual(usersIn(druid));
  });
});
