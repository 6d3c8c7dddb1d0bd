import type { Adapter, OpenAdapter } from '@tranquility-js/conformance';
import { filter, firstValueFrom, Subject, take, toArray, type Observable } from 'rxjs';
import { druidSubject, toDruid, type DruidOutcome } from '../../src/index.js';

type Event = Record<string, unknown>;

/** An adapter whose outcomes are emitted. */
function adapterOf(
  outcomes$: Observable<DruidOutcome<Event>>,
  source: Pick<Subject<Event>, 'next' | 'complete'>,
  crash: () => void,
  ended: Promise<unknown>,
): Adapter {
  return {
    deliver: async (events) => {
      const sent$ = outcomes$.pipe(filter(({ status }) => status === 'sent'));
      const delivered = firstValueFrom(sent$.pipe(take(events.length), toArray()));
      for (const event of events) source.next(event);
      const { length } = await delivered;
      if (length !== events.length) throw new Error(`${length} of ${events.length} were acknowledged`);
    },
    close: async () => {
      source.complete();
      await ended;
    },
    crash: async () => {
      crash();
      await ended;
    },
  };
}

export const openToDruid: OpenAdapter = (config) => {
  const [source, outcomes] = [new Subject<Event>(), new Subject<DruidOutcome<Event>>()];
  const ended = new Promise<void>((resolve) => {
    outcomes.subscribe({ error: resolve, complete: resolve });
  });
  const subscription = source.pipe(toDruid({ config })).subscribe(outcomes);
  const crash = (): void => {
    subscription.unsubscribe();
    outcomes.complete();
  };
  return Promise.resolve(adapterOf(outcomes, source, crash, ended));
};

export const openSubject: OpenAdapter = (config) => {
  const subject = druidSubject<Event>({ config });
  const ended = subject.done.catch(() => undefined);
  return Promise.resolve(adapterOf(subject, subject, subject.unsubscribe, ended));
};
