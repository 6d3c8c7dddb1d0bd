import { strict as assert } from 'node:assert';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClusterOptions } from '@tranquility-js/cluster';
import { freePort } from '@tranquility-js/ports';
import { createSender } from '@tranquility-js/core';
import { createDruidWritable } from '@tranquility-js/node-streams';
import { toDruid } from '@tranquility-js/rxjs-operator';
import { from as observe, lastValueFrom } from 'rxjs';
import { pulledByIndexer, pulledByMiddleManager } from '../cluster-options.js';
import { until } from '../druid.js';
import { linesOf } from '../lines.js';
import { assertNumbered, numberedEvent, numberedEvents, numberedConfigFile, rowsOf } from '../numbered.js';
import type { Case, Figures, Proof } from '../proof.js';
import { assertDelivered, Push } from '../push.js';
import { temporaryDirectory } from '../temporary.js';
import { watchVisibility } from '../visibility.js';

/** Events of all three ways together, and the latter part's events a second and seconds. */
const sizes = {
  small: { events: 60_000, perSecond: 500, seconds: 10 },
  full: { events: 2_000_000, perSecond: 2_000, seconds: 120 },
};
/** How long Druid may take to show what was accepted, in milliseconds. */
const patience = 180_000;

/** A way of events into Druid: sends those of the numbers from one up to another. */
type Way = (config: string, from: number, to: number) => Promise<void>;

/** In this order. A push ends when Druid has published and its tasks have ended, so that only the last one finds a task that reads. */
const ways: Readonly<Record<string, Way>> = {
  async 'push, cold'(config, from, to) {
    const lines = linesOf([...numberedEvents(from, to)]);
    assertDelivered(await new Push(['-configFile', config], lines).result(), to - from);
  },
  async 'Writable, cold'(config, from, to) {
    await pipeline(Readable.from(numberedEvents(from, to)), createDruidWritable({ config }));
  },
  async 'toDruid, warm'(config, from, to) {
    const source = observe(numberedEvents(from, to));
    // A plain iterable gives all at once.
    const outcomes = source.pipe(toDruid({ config }, { bufferSize: to - from }));
    await lastValueFrom(outcomes);
  },
};

export const pull: Proof = {
  name: 'pull',
  promise: 'Druid 33 reads what push, a Writable and toDruid were given, exactly, and at once',
  cases: [shown('a middle manager', pulledByMiddleManager), shown('an Indexer', pulledByIndexer)],
};

function shown(worker: string, cluster: ClusterOptions): Case {
  return {
    name: `by ${worker}`,
    cluster,
    async run({ size, tell, dataSource }) {
      const { events, perSecond, seconds } = sizes[size];
      const name = dataSource('pulled');
      const port = await freePort();
      const config = await numberedConfigFile(name, {
        'journal.directory': await temporaryDirectory(),
        'pull.endpoint.port': String(port),
      });
      let figures: Figures = { events };
      const each = events / Object.keys(ways).length;
      for (const [index, [way, send]] of Object.entries(ways).entries()) {
        const [from, to] = [Math.round(index * each), Math.round((index + 1) * each)];
        tell(`${to - from} events through ${way}`);
        const began = performance.now();
        await send(config, from, to);
        await until(
          () => rowsOf(name),
          (rows) => rows >= to,
          patience,
        );
        const taken = (performance.now() - began) / 1_000;
        figures = { ...figures, [`${way}: rows/s until all are visible`]: Math.round((to - from) / taken) };
      }
      await assertNumbered(name, events, patience);

      await using sender = await createSender({ config });
      assert.equal(sender.lane?.lane, 'pull');
      tell('A first event, as Druid has to find us again');
      await sender.send(numberedEvent(events));
      await until(
        () => rowsOf(name),
        (rows) => rows > events,
        patience,
      );
      tell(`${perSecond} events a second for ${seconds} s`);
      const watched = { dataSource: name, sender, from: events + 1, perSecond, seconds };
      figures = { ...figures, ...(await watchVisibility(watched)) };
      await assertNumbered(name, events + 1 + perSecond * seconds, patience);
      return figures;
    },
  };
}
