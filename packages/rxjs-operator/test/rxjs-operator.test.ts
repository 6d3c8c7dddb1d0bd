import { Readable } from 'node:stream';
import { createSender, type Sender, type SenderTarget } from '@tranquility-js/core';
import { type Click, clicks, clicksOf, ScriptedDruid, upTo, usersIn } from '@tranquility-js/scripted-druid';
import { firstValueFrom, from, lastValueFrom, Observable, of, range, Subject, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { druidFrom, druidObserver, druidSubject, toDruid, type DruidOutcome } from '../src/index.js';

let druid: ScriptedDruid;
beforeEach(async () => {
  druid = await ScriptedDruid.start();
});
afterEach(() => druid[Symbol.asyncDispose]());

const narrow = { 'tranquility.maxBatchSize': 10, 'tranquility.maxPendingBatches': 1 };
const usersOf = (outcomes: readonly DruidOutcome<Click>[]): number[] => outcomes.map(({ event }) => event.user);

/** Lets no push through until it is told to. */
function holdPushes(): () => void {
  let letGo = (): void => undefined;
  const isFree = new Promise<void>((resolve) => (letGo = resolve));
  druid.script = async ({ path }) => {
    if (path.endsWith('push-events')) await isFree;
    return undefined;
  };
  return letGo;
}

describe('toDruid', () => {
  it('has a sender of its own for each subscription, and tells outcomes in order', async () => {
    const outcomes$ = from(clicks(3_000)).pipe(toDruid(clicksOf(druid, narrow)), toArray());
    const [one, other] = await Promise.all([lastValueFrom(outcomes$), lastValueFrom(outcomes$)]);
    expect(usersOf(one)).toEqual(upTo(3_000));
    expect(usersOf(other)).toEqual(upTo(3_000));
    expect(druid.rows).toHaveLength(6_000);
  });

  it('shows a mistake in its config as its error', async () => {
    const outcomes$ = of(1).pipe(toDruid({ config: '/nowhere/tranquility.json' }));
    await expect(lastValueFrom(outcomes$)).rejects.toMatchObject({ code: 'TRQ_CONFIG_UNREADABLE' });
    const operator = toDruid(clicksOf(druid), { bufferSize: 0 });
    await expect(lastValueFrom(of(1).pipe(operator))).rejects.toThrow(RangeError);
    expect(await firstValueFrom(operator.bufferFull$)).toBe(false);
  });

  it('ends when more events wait than may, even if the source never ends by itself', async () => {
    holdPushes();
    for (const options of [{ bufferSize: 50 }, { bufferSize: 50, overflow: 'error' }] as const) {
      const outcomes$ = range(0, Infinity).pipe(toDruid(clicksOf(druid, narrow), options));
      await expect(lastValueFrom(outcomes$)).rejects.toMatchObject({ code: 'TRQ_BUFFER_FULL' });
    }
  });

  it('ends at once when the sender is full, if events must not wait', async () => {
    holdPushes();
    const source = new Subject<Click>();
    const operator = toDruid(clicksOf(druid, narrow), { overflow: 'error' });
    const ended = lastValueFrom(source.pipe(operator), { defaultValue: undefined });
    await firstValueFrom(operator.bufferFull$.pipe(take(2), toArray()));
    for (const click of clicks(21)) source.next(click);
    await expect(ended).rejects.toMatchObject({ code: 'TRQ_BUFFER_FULL' });
  });

  it.each([
    ['drop-oldest', [...upTo(20), ...upTo(100).slice(70)], upTo(70).slice(20)],
    ['drop-newest', upTo(50), upTo(100).slice(50)],
  ] as const)('drops by %s', async (overflow, sent, dropped) => {
    const letGo = holdPushes();
    const source = new Subject<Click>();
    const operator = toDruid(clicksOf(druid, narrow), { overflow, bufferSize: 30 });
    const seen: DruidOutcome<Click>[] = [];
    const done = new Promise<void>((complete, error) => {
      source.pipe(operator).subscribe({ next: (outcome) => seen.push(outcome), complete, error });
    });
    await firstValueFrom(operator.bufferFull$.pipe(take(2), toArray()));
    // One batch under way, one full and waiting, thirty events behind them.
    for (const click of clicks(100)) source.next(click);
    expect(seen).toHaveLength(50);
    letGo();
    source.complete();
    await done;
    expect(usersOf(seen.filter(({ status }) => status === 'sent'))).toEqual(sent);
    const lost = seen.filter((outcome) => outcome.status === 'dropped' && outcome.reason === 'overflow');
    expect(usersOf(lost)).toEqual(dropped);
    expect(usersIn(druid)).toEqual(sent);
  });

  it('tells when it is full, and when there is room', async () => {
    const letGo = holdPushes();
    const source = new Subject<Click>();
    const operator = toDruid(clicksOf(druid, narrow));
    const full: boolean[] = [];
    operator.bufferFull$.subscribe((isFull) => full.push(isFull));
    const done = lastValueFrom(source.pipe(operator));
    await expect.poll(() => full).toEqual([false, true, false]);
    for (const click of clicks(50)) source.next(click);
    expect(full).toEqual([false, true, false, true]);
    letGo();
    await expect.poll(() => full.at(-1)).toBe(false);
    source.complete();
    await done;
    expect(usersIn(druid)).toEqual(upTo(50));
  });

  it('gives up what is under way when nobody listens any more, and leaves a given sender open', async () => {
    const letGo = holdPushes();
    await using sender = await createSender(clicksOf(druid, narrow));
    let isListening = true;
    const source = new Observable<Click>((subscriber) => {
      for (const click of clicks(5)) subscriber.next(click);
      return () => (isListening = false);
    });
    for (const target of [clicksOf(druid), sender]) {
      const subscription = source.pipe(toDruid(target)).subscribe();
      await expect.poll(() => druid.count(/push-events/)).toBeGreaterThan(0);
      subscription.unsubscribe();
      expect(isListening).toBe(false);
    }
    letGo();
    expect(await sender.send(clicks(1)[0])).toEqual({ status: 'sent' });
    expect(sender.counters.failed).toBe(0);
  });

  it('knows the type of the events', () => {
    const target: SenderTarget<Click> = { config: {}, timestamp: (click: Click) => click.time };
    expectTypeOf(from(clicks(1)).pipe(toDruid(target))).toEqualTypeOf<Observable<DruidOutcome<Click>>>();
    expectTypeOf(from(clicks(1)).pipe(toDruid({ config: {} }))).toEqualTypeOf<Observable<DruidOutcome<Click>>>();
    // @ts-expect-error: texts are no clicks
    expectTypeOf(of('text').pipe(toDruid(target))).toBeObject();
    expectTypeOf(druidSubject<Click>)
      .returns.toHaveProperty('next')
      .parameter(0)
      .toEqualTypeOf<Click>();
  });
});

describe('druidFrom', () => {
  it('asks its source for no more than there is room for', async () => {
    const letGo = holdPushes();
    for (const isAsync of [false, true]) {
      let given = 0;
      const source = (function* () {
        for (const click of clicks(500)) {
          given++;
          yield click;
        }
      })();
      const iterable = isAsync ? Readable.from(source) : source;
      const outcomes = lastValueFrom(druidFrom<Click>(iterable, clicksOf(druid, narrow)).pipe(toArray()));
      if (!isAsync) {
        await expect.poll(() => given).toBe(20);
        letGo();
      }
      expect(usersOf(await outcomes)).toEqual(upTo(500));
    }
  });

  it('ends with the error of its source, after the outcomes before it', async () => {
    const source = (function* () {
      yield* clicks(3);
      throw new Error('the source broke');
    })();
    const seen: Click[] = [];
    const error = await new Promise((resolve) => {
      druidFrom(source, clicksOf(druid)).subscribe({ next: ({ event }) => seen.push(event), error: resolve });
    });
    expect([error, seen.length]).toEqual([new Error('the source broke'), 3]);
  });

  it('lets go of its source when it fails, or nobody listens any more', async () => {
    let isReleased = false;
    const endless = function* (): Generator<Click> {
      try {
        for (;;) yield* clicks(10);
      } finally {
        isReleased = true;
      }
    };
    druid.script = ({ path }) => (path.endsWith('push-events') ? { status: 403, body: 'no' } : undefined);
    await expect(lastValueFrom(druidFrom(endless(), clicksOf(druid, narrow)))).rejects.toMatchObject({
      code: 'TRQ_PUSH_REFUSED',
    });
    expect(isReleased).toBe(true);
    isReleased = false;
    druid.script = () => undefined;
    await firstValueFrom(druidFrom(endless(), clicksOf(druid, narrow)));
    await expect.poll(() => isReleased).toBe(true);
  });
});

describe('a DruidSubject', () => {
  it('takes events, and tells who listens what became of them', async () => {
    const subject = druidSubject<Click>(clicksOf(druid));
    const [one, other] = [lastValueFrom(subject.pipe(toArray())), lastValueFrom(subject.pipe(toArray()))];
    from(clicks(100)).subscribe(subject);
    expect(usersOf(await one)).toEqual(upTo(100));
    expect(await other).toEqual(await one);
    expect(await subject.done).toEqual({ received: 100, sent: 100, dropped: {}, failed: 0 });
    expect([subject.counters.sent, subject.closed]).toEqual([100, true]);
  });

  it('sends though nobody listens, and fails without a noise', async () => {
    const subject = druidSubject<Click>(clicksOf(druid));
    for (const click of clicks(5)) subject.next(click);
    subject.complete();
    subject.next({ time: 0, user: 7 });
    await subject.done;
    expect(usersIn(druid)).toEqual(upTo(5));
    const broken = druidSubject({ config: '/nowhere/tranquility.json' });
    await expect(lastValueFrom(broken)).rejects.toMatchObject({ code: 'TRQ_CONFIG_UNREADABLE' });
    expect(await firstValueFrom(broken.bufferFull$)).toBe(false);
  });
});

describe('a druidObserver', () => {
  it('ends a subscription, of whatever library', async () => {
    const outcomes: DruidOutcome<Click>[] = [];
    const observer = druidObserver<Click>(clicksOf(druid), { outcome: (told) => outcomes.push(told) });
    from(clicks(10)).subscribe(observer);
    expect(await observer.done).toMatchObject({ received: 10, sent: 10 });
    expect(usersOf(outcomes)).toEqual(upTo(10));
  });

  it('goes on when a callback throws, and warns', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const broken = (): never => {
      throw new Error('not my day');
    };
    const observer = druidObserver<Click>(clicksOf(druid, narrow), { outcome: broken, bufferFull: broken });
    for (const click of clicks(50)) observer.next(click);
    observer.complete();
    expect(await observer.done).toMatchObject({ sent: 50 });
    expect(await warned).toMatchObject({ message: expect.stringContaining('not my day') as string });
  });

  it('is slowed by who waits for room', async () => {
    const observer = druidObserver<Click>(clicksOf(druid, narrow), { bufferSize: 1 });
    for (const click of clicks(200)) {
      await observer.drained();
      observer.next(click);
    }
    observer.complete();
    expect(await observer.done).toMatchObject({ sent: 200 });
  });

  it('ends with a sender that is closed, and when it is told to', async () => {
    const sender: Sender<Click> = await createSender<Click>(clicksOf(druid));
    const observer = druidObserver(sender);
    await observer.drained();
    await sender.close();
    observer.next({ time: 0, user: 1 });
    await expect(observer.done).rejects.toMatchObject({ code: 'TRQ_SENDER_CLOSED' });
    const given = druidObserver<Click>(clicksOf(druid));
    given.unsubscribe();
    given.unsubscribe();
    await expect(given.done).rejects.toMatchObject({ code: 'TRQ_ABORTED' });
    expect(() => druidObserver(sender, { bufferSize: 0.5 })).toThrow(RangeError);
  });
});
