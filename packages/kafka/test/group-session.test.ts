import type { Admin, Consumer, ConsumerConfig, Kafka, TopicPartitions } from 'kafkajs';
import { beforeEach, expect, it } from 'vitest';
import type { ClientValues } from '../src/config/read-plan.js';
import { EndsAtStart } from '../src/source/ends-at-start.js';
import { GroupSession } from '../src/source/group-session.js';
import type { SourceListener } from '../src/source/source.js';

const topic = 'a';
const client = { 'kafka.group.id': 'group', 'kafka.session.timeout.ms': 30_000 } as ClientValues;

/** What kafkajs has of a cluster, where each log has 100 records. */
const cluster = () => ({
  isolationLevel: 1,
  findBroker: () => Promise.reject(new Error('Nothing is fetched.')),
  findGroupCoordinator: () => Promise.resolve(),
  fetchTopicsOffset: (asked: readonly { topic: string; partitions: readonly object[]; fromBeginning: boolean }[]) =>
    Promise.resolve(
      asked.map(({ topic, partitions, fromBeginning }) => ({
        topic,
        partitions: partitions.map((one) => ({ ...one, offset: fromBeginning ? '0' : '100' })),
      })),
    ),
});

/** Of what kafkajs tells of a join, what is looked at. */
interface JoinEvent {
  readonly payload: { readonly memberAssignment: Readonly<Record<string, number[]>> };
}

/** A client of Kafka in a group that has places in all partitions, whose joins are made by hand. */
class FakeKafka {
  /** Those that are fetched. */
  readonly fetched = new Set<number>();
  readonly #cluster = cluster();
  readonly #listeners = new Map<string, (event: JoinEvent) => void>();

  /** As before each join: kafkajs looks for the coordinator. */
  async rejoin(): Promise<void> {
    await this.#cluster.findGroupCoordinator();
  }

  join(...partitions: number[]): void {
    this.#listeners.get('join')?.({ payload: { memberAssignment: { [topic]: partitions } } });
  }

  admin(): Partial<Admin> {
    const partitions = [0, 1].map((partition) => ({ partition, offset: '50', metadata: null }));
    return {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      fetchOffsets: () => Promise.resolve([{ topic, partitions }]),
    };
  }

  consumer({ partitionAssigners: [assigner] = [] }: ConsumerConfig): object {
    assigner?.({ cluster: this.#cluster } as unknown as Parameters<typeof assigner>[0]);
    const change = (isOn: boolean) => (all: TopicPartitions[]) => {
      for (const each of all.flatMap(({ partitions }) => partitions)) this.fetched[isOn ? 'add' : 'delete'](each);
    };
    const events = { GROUP_JOIN: 'join', CRASH: 'crash', COMMIT_OFFSETS: 'commit' };
    return {
      ...{ events, pause: change(false), resume: change(true), seek: () => undefined },
      on: (name: string, listener: (event: JoinEvent) => void) => this.#listeners.set(name, listener),
      connect: () => Promise.resolve(),
      subscribe: () => Promise.resolve(),
      run: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
    } satisfies Partial<Record<keyof Consumer, unknown>>;
  }
}

let kafka: FakeKafka;
let session: GroupSession;
/** What was fetched each time that all was to be settled. */
let whileSettling: number[][];

beforeEach(async () => {
  kafka = new FakeKafka();
  whileSettling = [];
  const listener: SourceListener = {
    assigned: () => Promise.resolve(),
    revoking: () => {
      whileSettling.push([...kafka.fetched]);
      return Promise.resolve();
    },
    ...{ lost: () => undefined, records: () => Promise.resolve(), grown: () => undefined, trouble: () => undefined },
    fatal: () => undefined,
  };
  session = new GroupSession({
    ...{ kafka: kafka as unknown as Kafka, client, topics: [topic], listener, endsAtStart: new EndsAtStart() },
    onBroken: (error) => {
      throw error;
    },
  });
  await session.start();
  kafka.join(0, 1);
  await expect.poll(() => [...kafka.fetched]).toEqual([0, 1]);
});

it('nothing is fetched while a join has what was read settled, and what is ours then goes on', async () => {
  await kafka.rejoin();
  expect(whileSettling).toEqual([[]]);
  // A join that failed is begun again.
  await kafka.rejoin();
  kafka.join(1);
  await expect.poll(() => [...kafka.fetched]).toEqual([1]);
  await kafka.rejoin();
  kafka.join(1);
  await expect.poll(() => [...kafka.fetched]).toEqual([1]);
  expect(whileSettling).toEqual([[], []]);
});

it('what is held stays so after a join', async () => {
  session.hold(true);
  await kafka.rejoin();
  kafka.join(0, 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect([...kafka.fetched]).toEqual([]);
  session.hold(false);
  await expect.poll(() => [...kafka.fetched]).toEqual([0, 1]);
});
