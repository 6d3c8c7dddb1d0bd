import { strict as assert } from 'node:assert';
import type { ClusterOptions } from '@tranquility-js/cluster';
import { createSender } from '@tranquility-js/core';
import { freePort } from '@tranquility-js/ports';
import { segmentCount } from '../appended.js';
import { clusterOptions, oldestForAppends, pulledByIndexer, pulledByMiddleManager } from '../cluster-options.js';
import { linesOf } from '../lines.js';
import { assertNumbered, numberedConfigFile, numberedEvents } from '../numbered.js';
import type { Case, Proof } from '../proof.js';
import { assertDelivered, Push } from '../push.js';
import { temporaryDirectory } from '../temporary.js';
import { watchVisibility } from '../visibility.js';

/** Events that are pushed at once, and then a second and seconds. */
const sizes = {
  small: { events: 20_000, perSecond: 200, seconds: 4 },
  full: { events: 1_000_000, perSecond: 1_000, seconds: 120 },
};
/** How much less a Druid before 33 is given. */
const lesser = 10;
/** How long Druid may take to show what was accepted, in milliseconds. */
const patience = 180_000;

export const append: Proof = {
  name: 'append',
  promise: 'Druid appends what push and a sender were given in batches, exactly, be it 33, 28 or 25',
  cases: [
    shown('Druid 33 with an Indexer', pulledByIndexer, 1),
    { ...shown('Druid 33 with a middle manager', pulledByMiddleManager, 1), isForFullSize: true },
    { ...shown('Druid 28', clusterOptions, lesser), isForFullSize: true },
    { ...shown('Druid 25', oldestForAppends, lesser), isForFullSize: true },
  ],
};

function shown(name: string, cluster: ClusterOptions, share: number): Case {
  return {
    name,
    cluster,
    async run({ size, tell, dataSource }) {
      const { perSecond, seconds } = sizes[size];
      const events = sizes[size].events / share;
      const appended = dataSource('appended');
      const port = await freePort();
      const config = await numberedConfigFile(appended, {
        'tranquility.lane': 'append',
        'journal.directory': await temporaryDirectory(),
        'append.endpoint.port': String(port),
        'append.maxAge': 'PT2S',
      });
      tell(`${events} events through push`);
      const began = performance.now();
      const lines = linesOf([...numberedEvents(0, events)]);
      assertDelivered(await new Push(['-configFile', config], lines).result(), events);
      const published = (performance.now() - began) / 1_000;
      await assertNumbered(appended, events, patience);
      const segments = await segmentCount(appended);

      await using sender = await createSender({ config });
      assert.equal(sender.lane?.lane, 'append');
      tell(`${perSecond} events a second for ${seconds} s`);
      const figures = await watchVisibility({ dataSource: appended, sender, from: events, perSecond, seconds });
      await sender.close({ timeout: patience, until: 'published' });
      await assertNumbered(appended, events + perSecond * seconds, patience);
      return {
        events,
        'rows/s until push has ended, all published': Math.round(events / published),
        'segments of push': segments,
        'segments of the rest': (await segmentCount(appended)) - segments,
        ...figures,
      };
    },
  };
}
