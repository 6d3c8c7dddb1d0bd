/** Events of a class from an Observable and from an async generator, and what became of each. In strict TypeScript. */
import { setTimeout } from 'node:timers/promises';
import { druidFrom, toDruid } from '@tranquility-js/rxjs-operator';
import { startSandbox } from '@tranquility-js/sandbox';
import { map, merge, range } from 'rxjs';

class Click {
  readonly #at: Date;
  readonly page: string;

  constructor(at: Date, page: string) {
    this.#at = at;
    this.page = page;
  }

  get at(): Date {
    return this.#at;
  }
}

await using sandbox = await startSandbox();
const dataSchema = {
  dataSource: 'clicks',
  timestampSpec: { column: 'time', format: 'auto' },
  dimensionsSpec: { dimensions: ['page'] },
  metricsSpec: [{ type: 'count', name: 'count' }],
  granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
};
const target = {
  config: {
    dataSources: [{ spec: { dataSchema, tuningConfig: { type: 'realtime', windowPeriod: 'PT1H' } } }],
    properties: { 'druid.overlord.urls': sandbox.url },
  },
  timestamp: (click: Click) => click.at,
};

const live$ = range(0, 1_000).pipe(map((n) => new Click(new Date(), `/page/${n % 3}`)));

async function* archive(): AsyncGenerator<Click> {
  for (let n = 0; n < 100; n++) {
    if (n % 10 === 0) await setTimeout(1); // as if it came from a disk
    yield new Click(n % 10 === 0 ? new Date(0) : new Date(), '/archive');
  }
}

const outcomes = new Map<string, number>();
await merge(live$.pipe(toDruid(target, { overflow: 'drop-oldest' })), druidFrom(archive(), target)).forEach(
  (outcome) => {
    const what = outcome.status === 'dropped' ? `dropped, ${outcome.reason}` : outcome.status;
    outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  },
);
console.log(outcomes);
console.table(await sandbox.sql('SELECT page, SUM("count") AS clicks FROM clicks GROUP BY page ORDER BY page'));
