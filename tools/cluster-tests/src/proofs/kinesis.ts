import { strict as assert } from 'node:assert';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { startEmulator } from '@tranquility-js/cluster';
import { freePorts } from '@tranquility-js/ports';
import { pulledByIndexer } from '../cluster-options.js';
import { endpoints } from '../cluster.js';
import { ConnectorProcess } from '../connector-process.js';
import { sql, until } from '../druid.js';
import { emulatorAccess } from '../emulator-access.js';
import type { Figures, Proof } from '../proof.js';
import { eventually, sumOf } from '../real-kafka.js';
import { RealKinesis, type Put } from '../real-kinesis.js';
import { rowSpec } from '../row-spec.js';
import { temporaryDirectory, temporaryFile } from '../temporary.js';
import { withoutDruid } from './kinesis-without-druid.js';

const failoverMillis = 6_000;
const volume = { small: 12_000, full: 200_000 };
const reshaped = { small: 1_500, full: 4_500 };
/** How long Druid may take to show all that it pulls, in milliseconds. */
const patience = 240_000;

export const kinesis: Proof = {
  name: 'kinesis',
  promise:
    'Three connectors share a stream; one is killed, shards are split and merged: nothing is missing, and what is twice was under way; nothing is, where Druid pulls',
  cases: [
    {
      name: 'a split, a merge, and a process that is killed',
      run: ({ size, tell, dataSource }) =>
        crash('kinesis-local', { events: reshaped[size], name: dataSource('reshaped'), tell, isReshaped: true }),
    },
    {
      name: 'many records, and a process that is killed',
      run: ({ size, tell, dataSource }) =>
        crash('kinesalite', { events: volume[size], name: dataSource('volume'), tell }),
    },
    {
      name: 'a split, a merge, and a process that is killed and comes back, where Druid pulls: exactly once',
      cluster: pulledByIndexer,
      run: async ({ size, tell, dataSource }) => {
        const wish = { events: reshaped[size], name: dataSource('reshaped_and_pulled'), tell };
        return crash('kinesis-local', { ...wish, isReshaped: true, own: await journals() });
      },
    },
    {
      name: 'many records, and a process that is killed and comes back, where Druid pulls: exactly once',
      cluster: pulledByIndexer,
      isForFullSize: true,
      run: async ({ size, tell, dataSource }) => {
        const wish = { events: volume[size], name: dataSource('volume_pulled'), tell };
        return crash('kinesalite', { ...wish, own: await journals() });
      },
    },
    withoutDruid,
  ],
};

interface Wish {
  readonly events: number;
  readonly name: string;
  readonly tell: (line: string) => void;
  readonly isReshaped?: boolean;
  /** The properties of each connector, where Druid pulls from them: then nothing may be twice. */
  readonly own?: readonly object[];
}

/** Three connectors from which Druid pulls. */
async function journals(): Promise<object[]> {
  const addresses = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
  return Promise.all(
    addresses.map(async (address) => ({
      'journal.directory': await temporaryDirectory(),
      'pull.endpoint.port': address.split(':')[1],
      'pull.endpoint.advertised': address,
      'pull.endpoint.nodes': addresses.join(','),
    })),
  );
}

async function crash(
  emulator: 'kinesis-local' | 'kinesalite',
  { events, name, tell, isReshaped = false, own = [{}, {}, {}] }: Wish,
): Promise<Figures> {
  await using kinesis = await RealKinesis.start(emulator);
  await using dynamodb = await startEmulator('dynalite');
  const tables = new DynamoDBClient({ ...emulatorAccess, endpoint: dynamodb.url });
  const isPulled = own.some((one) => 'journal.directory' in one);
  const stream = await kinesis.stream('events', 4);
  const properties = {
    'druid.overlord.urls': endpoints().overlord,
    'kinesis.endpoint': kinesis.url,
    'kinesis.leases.endpoint': dynamodb.url,
    'kinesis.leases.failoverMillis': String(failoverMillis),
    'kinesis.start': 'TRIM_HORIZON',
    'kinesis.syncMillis': '1000',
    'checkpoint.periodMillis': '1000',
  };
  const configs = await Promise.all(
    own.map((others) => configFile(configOf(name, stream, { ...properties, ...others }))),
  );
  const started = performance.now();
  const start = (config = ''): ConnectorProcess => new ConnectorProcess(config, 'kinesis');
  const processes = configs.map(start);
  const log = new Written(kinesis, stream);
  try {
    const third = Math.floor(events / 3);
    await Promise.all(processes.map((one) => one.joined()));
    // Or shards would be handed on while Druid's tasks are made, and what is under way meanwhile is perhaps read again.
    await eventually(async () => (await log.owners(tables)) === processes.length);
    await log.write(third);
    await eventually(async () => (await log.settled(tables)) > 0);
    if (isReshaped) {
      tell('Splitting a shard');
      await kinesis.split(stream, 'shardId-000000000000');
    }
    await log.write(third);
    tell('Killing one of three connectors');
    const before = await log.settled(tables);
    await processes[0]?.kill();
    const underWay = 2 * third - before;
    if (isReshaped) {
      tell('Merging two shards');
      await kinesis.merge(stream, 'shardId-000000000002', 'shardId-000000000003');
    }
    const rest = events - 2 * third;
    await log.write(Math.floor(rest / 2));
    const settle = (count: number): Promise<void> =>
      eventually(async () => {
        for (const one of processes.slice(1)) one.check();
        return (await log.settled(tables)) === count;
      });
    // Then who comes asks for shards of which nothing is under way: what is twice is so because of the kill.
    await settle(2 * third + Math.floor(rest / 2));
    const again = (processes[0] = start(configs[0]));
    await again.joined();
    await eventually(async () => (await log.owners(tables)) === processes.length);
    await log.write(rest - Math.floor(rest / 2));
    await settle(events);
    again.check();
    if (isPulled)
      await until(
        () => rowsIn(name),
        (rows) => rows >= events,
        patience,
      );
    const codes = await Promise.all(processes.map((one) => one.stop()));
    assert.deepEqual(codes, [0, 0, 0], processes.map(({ log: said }) => said).join('\n'));
    const [each] = await sql(`SELECT COUNT(*) AS c, SUM(n) AS s FROM (SELECT "n" AS n FROM "${name}" GROUP BY 1)`);
    assert.deepEqual([Number(each?.['c']), Number(each?.['s'])], [events, sumOf(events)], 'events that are missing');
    const twice = (await rowsIn(name)) - events;
    assert.ok(twice <= (isPulled ? 0 : underWay), `${twice} are twice, of ${underWay} under way`);
    const seconds = Math.round((performance.now() - started) / 1000);
    return { events, missing: 0, twice, 'under way at the kill, at most': underWay, seconds };
  } catch (error) {
    tell(processes.map(({ log: said }) => said).join('\n'));
    throw error;
  } finally {
    await Promise.all(processes.map((one) => one.kill()));
    tables.destroy();
  }
}

/** Writes numbered events, and knows how many of them are settled by what leases say. */
class Written {
  readonly #kinesis: RealKinesis;
  readonly #stream: string;
  /** Of each shard: the sequence numbers, in their order. */
  readonly #places = new Map<string, string[]>();
  #count = 0;

  constructor(kinesis: RealKinesis, stream: string) {
    this.#kinesis = kinesis;
    this.#stream = stream;
  }

  async write(count: number): Promise<void> {
    for (const end = this.#count + count; this.#count < end;) {
      const time = Date.now();
      const records: Put[] = Array.from({ length: Math.min(500, end - this.#count) }, (_, at) => {
        const n = this.#count + at;
        return { key: `key ${n % 97}`, data: `{"time":${time},"n":${n},"page":"page ${n % 10}"}` };
      });
      for (const place of await this.#kinesis.put(this.#stream, records)) {
        const [shard = '', sequenceNumber = ''] = place.split(' ');
        const known = this.#places.get(shard);
        if (known === undefined) this.#places.set(shard, [sequenceNumber]);
        else known.push(sequenceNumber);
      }
      this.#count += records.length;
    }
  }

  /** How many connectors have shards that are not read to their end. */
  async owners(tables: DynamoDBClient): Promise<number> {
    const open = (await this.#leases(tables)).filter(({ checkpoint }) => checkpoint !== 'SHARD_END');
    return new Set(open.flatMap(({ owner }) => owner ?? [])).size;
  }

  async settled(tables: DynamoDBClient): Promise<number> {
    const leases = await this.#leases(tables);
    const checkpoints = new Map(leases.map(({ shard, checkpoint }) => [shard, checkpoint]));
    let sum = 0;
    for (const [shard, places] of this.#places) {
      const checkpoint = checkpoints.get(shard) ?? 'SHARD_END';
      if (checkpoint === 'SHARD_END') sum += places.length;
      else if (checkpoint !== 'TRIM_HORIZON') sum += places.indexOf(checkpoint) + 1;
    }
    return sum;
  }

  async #leases(tables: DynamoDBClient): Promise<Lease[]> {
    const { Items = [] } = await tables.send(
      new ScanCommand({ TableName: `tranquility-${this.#stream}`, ConsistentRead: true }),
    );
    return Items.map((item) => ({
      shard: item['leaseKey']?.S,
      checkpoint: item['checkpoint']?.S,
      owner: item['leaseOwner']?.S,
    }));
  }
}

/** As it is in the table. */
interface Lease {
  readonly shard: string | undefined;
  readonly checkpoint: string | undefined;
  readonly owner: string | undefined;
}

const configFile = (config: object): Promise<string> => temporaryFile('kinesis.json', [JSON.stringify(config)]);

async function rowsIn(name: string): Promise<number> {
  const [all] = await sql(`SELECT COUNT(*) AS c FROM "${name}"`).catch(() => []);
  return Number(all?.['c'] ?? 0);
}

function configOf(name: string, stream: string, properties: object): object {
  return {
    dataSources: [
      {
        spec: rowSpec(name),
        properties: { streamPattern: stream },
      },
    ],
    properties,
  };
}
