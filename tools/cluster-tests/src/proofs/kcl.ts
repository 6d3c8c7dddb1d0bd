import { strict as assert } from 'node:assert';
import { KinesisStage, packed, type Made } from '../kinesis-stage.js';
import { libraryWorkers, type LibraryVersion, type LibraryWorker } from '../library-worker.js';
import type { Case, Figures, Proof, Size } from '../proof.js';
import { eventually } from '../real-kafka.js';
import type { Put, RealKinesis } from '../real-kinesis.js';

const events = { small: 900, full: 4_500 };
const failoverMillis = 3_000;

export const kcl: Proof = {
  name: 'kcl',
  promise:
    'An application of the Kinesis Client Library of Java is killed, the connector goes on in its place, and the library in that of the connector: nothing is missing',
  // The third version begins again only when its own lock of two minutes is over.
  cases: [takenOver('2.6.1'), { ...takenOver('3.1.0'), isForFullSize: true }],
};

function takenOver(version: LibraryVersion): Case {
  return {
    name: `version ${version}`,
    cluster: { druid: false },
    run: ({ size, tell }) => run(version, size, tell),
  };
}

async function run(version: LibraryVersion, size: Size, tell: (line: string) => void): Promise<Figures> {
  // Version 3 wants indexes and transactions.
  await using stage = await KinesisStage.start({ tables: version === '2.6.1' ? 'dynalite' : 'dynamodb-local' });
  const start = await libraryWorkers(version);
  const stream = await stage.kinesis.stream('library', 2);
  const application = `application-${stream}`;
  const workers: LibraryWorker[] = [];
  const library = (name: string): LibraryWorker => {
    const addresses = { kinesis: stage.kinesis.url, tables: stage.dynamodbUrl };
    const worker = start(name, { ...addresses, stream, application, failoverMillis, checkpointRecords: 40 });
    workers.push(worker);
    return worker;
  };
  const log = new Log(stage.kinesis, stream);
  const third = Math.floor(events[size] / 3);
  const own = { streamPattern: stream, 'kinesis.leases.table': application };
  const failover = { 'kinesis.leases.failoverMillis': String(failoverMillis) };
  const connector = (): Promise<Made> => stage.connector({ [`${stream}-rows`]: own }, failover);
  try {
    if (size === 'small') {
      // Where it finds no leases, the library waits for up to half a minute before it makes them.
      const maker = await connector();
      await maker.connector.start();
      await maker.connector.close();
    }
    tell(`The library ${version} begins; a shard is split`);
    const before = library('before');
    await log.write(third);
    await eventually(() => (before.check(), before.processed.length > third / 4));
    await stage.kinesis.split(stream, 'shardId-000000000000');
    await eventually(() => (before.check(), before.counts.begins > 2));
    const written = log.write(third - Math.floor(third / 2));
    await eventually(() => (before.check(), before.processed.length > third));
    await before.kill();
    await written;
    const unsettled = before.unsettled;

    tell('It is killed; the connector takes over; two shards are merged');
    const ours = await connector();
    await ours.connector.start();
    await log.write(third);
    await eventually(() => ours.sent(stream) > third / 2);
    await stage.kinesis.merge(stream, 'shardId-000000000003', 'shardId-000000000001');
    await log.write(Math.floor(third / 2));
    const sent = await sentUntil(stage, ours, stream, (found) => missing(log.count, before.processed, found) === 0);
    const { drained } = await ours.connector.close();
    assert.ok(drained, 'all that the connector has read has its outcome');

    tell('The connector ends; the library goes on');
    const after = library('after');
    await log.write(third);
    await eventually(() => {
      after.check();
      return missing(log.count, before.processed, sent, after.processed) === 0;
    });
    await after.kill();

    const twice = overlap(before.processed, sent);
    const excess = twice.filter((event) => !unsettled.includes(event));
    assert.deepEqual(excess, [], 'what is twice was not settled when the library was killed');
    assert.equal(new Set(sent).size, sent.length, 'the connector sends nothing twice');
    assert.deepEqual(overlap(sent, after.processed), [], 'after the connector nothing comes twice');
    return {
      ...{ events: log.count, 'by the library': before.processed.length, 'by the connector': sent.length },
      ...{ 'by the library again': after.processed.length, missing: 0, twice: twice.length },
      'not settled at the kill': unsettled.length,
    };
  } catch (error) {
    tell(workers.map(({ log: said }) => said).join('\n'));
    throw error;
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

/** What the connector has sent, once it is so. */
async function sentUntil(
  stage: KinesisStage,
  made: Made,
  stream: string,
  isSo: (found: readonly string[]) => boolean,
): Promise<string[]> {
  let found: string[] = [];
  await eventually(async () => {
    assert.deepEqual(made.connector.reasons, []);
    found = await pagesIn(stage.druid.url, `${stream}-rows`);
    return isSo(found);
  });
  return found;
}

/** The pages of all rows, each as often as it is there. */
async function pagesIn(druid: string, dataSource: string): Promise<string[]> {
  const response = await fetch(`${druid}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `SELECT page, SUM("count") AS c FROM "${dataSource}" GROUP BY 1` }),
  });
  if (!response.ok) return [];
  const rows = (await response.json()) as { page: string; c: number }[];
  return rows.flatMap(({ page, c }) => Array<string>(c).fill(page));
}

/** Events whose pages are numbered; of each ten one half lies packed in one record. */
class Log {
  readonly #kinesis: RealKinesis;
  readonly #stream: string;
  count = 0;

  constructor(kinesis: RealKinesis, stream: string) {
    this.#kinesis = kinesis;
    this.#stream = stream;
  }

  async write(count: number): Promise<void> {
    const puts: Put[] = [];
    const time = Date.now();
    const end = this.count + count;
    while (this.count < end) {
      // Keys of a packed record are those of one shard.
      const key = `key ${this.count % 97}`;
      const ten = Array.from({ length: Math.min(10, end - this.count) }, () => {
        const page = `page ${this.count++}`;
        return { key, data: JSON.stringify({ time, n: 1, page }) };
      });
      puts.push(...ten.slice(0, 5));
      if (ten.length > 5) puts.push({ key, data: await packed(ten.slice(5)) });
    }
    await this.#kinesis.put(this.#stream, puts);
  }
}

const overlap = (some: readonly string[], others: readonly string[]): string[] => {
  const known = new Set(others);
  return [...new Set(some)].filter((one) => known.has(one));
};

/** How many of so many events are in none of these. */
function missing(count: number, ...found: readonly (readonly string[])[]): number {
  const all = new Set(found.flat());
  let absent = 0;
  for (let n = 0; n < count; n++) if (!all.has(`page ${n}`)) absent++;
  return absent;
}
