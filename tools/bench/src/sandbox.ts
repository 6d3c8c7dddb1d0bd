import { startCluster } from '@tranquility-js/cluster';
import { Druid } from '@tranquility-js/conformance';
import { Child } from './child.js';
import { config } from './events.js';
import { compare, type Comparison } from './measure.js';
import { play, type Size } from './play.js';

const hour = 3_600_000;
const serviceName = 'bench';

/** The cluster's JVMs have one quick compiler, for quick starts; this task gets all of them, as in production. */
const context = { 'druid.indexer.runner.javaOptsArray': ['-XX:TieredStopAtLevel=4', '-Xmx2g'] };

/**
 * Pushes the same rows to a task of the sandbox and to one of Druid 28 in turn, with a bare client, and makes sure that SQL then
 * counts all of them.
 */
export async function benchSandbox(size: Size, tell: (line: string) => void): Promise<Comparison[]> {
  const children: Child[] = [];
  const cluster = await startCluster({ druid: '28.0.0', log: tell });
  try {
    const { druid } = cluster.endpoints;
    if (druid === undefined) throw new Error('The cluster has no Druid.');
    const host = Child.ofSource('sandbox-host.ts');
    children.push(host);
    const { url } = (await host.answer()) as { url: string };
    const places = new Map([
      ['sandbox', { overlord: url, router: url }],
      ['druid-28', { overlord: druid.overlord, router: druid.router }],
    ]);
    const contestants = new Map<string, Child>();
    const timestamp = Date.now();
    for (const [name, place] of places) {
      const client = Child.ofSource(
        'contestant.ts',
        'bare-client',
        await receiverAt(place, timestamp),
        String(timestamp),
      );
      children.push(client);
      contestants.set(name, client);
    }
    const results = await play(contestants, size, tell);
    const expected = size.warmUpRows + size.rounds * size.rows;
    for (const [name, place] of places) {
      const stored = await druidAt(place).countUntil('bench', expected);
      if (stored !== expected) throw new Error(`Of ${expected} rows ${name} stored ${stored}.`);
      tell(`${name}: SQL counts all ${stored} rows`);
    }
    return compare([{ name: 'sandbox', versus: 'druid-28', metric: 'rows per second' }], results);
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await cluster.stop();
  }
}

interface Place {
  readonly overlord: string;
  readonly router: string;
}

function druidAt(place: Place): Druid {
  return new Druid({
    ...place,
    patience: 120_000,
    pass: () => Promise.resolve(),
    killTask: () => Promise.resolve(),
  });
}

/** Starts a task, and gives the address for pushes to it. */
async function receiverAt(place: Place, now: number): Promise<string> {
  const druid = druidAt(place);
  const id = 'index_realtime_bench';
  const answer = await druid.submit(taskOf(id, now));
  if (answer.status !== 200) throw new Error(`${place.overlord} answered ${answer.status} ${answer.text}`);
  return (await druid.receiver(id, serviceName)).url;
}

/** The dataSource of the sender's bench, as a task of this hour and the next. */
function taskOf(id: string, now: number): object {
  const [{ spec }] = (
    config('bench', {}) as { dataSources: [{ spec: { dataSchema: { parser: object }; tuningConfig: object } }] }
  ).dataSources;
  const shutoffTime = new Date(now + 3 * hour).toISOString();
  const receiver = { type: 'receiver', serviceName, bufferSize: 100_000 };
  return {
    type: 'index_realtime',
    id,
    resource: { availabilityGroup: id, requiredCapacity: 1 },
    spec: {
      dataSchema: { ...spec.dataSchema, parser: { ...spec.dataSchema.parser, type: 'map' } },
      ioConfig: { type: 'realtime', firehose: { type: 'timed', shutoffTime, delegate: receiver } },
      tuningConfig: { ...spec.tuningConfig, maxRowsInMemory: 75_000, rejectionPolicy: { type: 'none' } },
    },
    context,
  };
}
