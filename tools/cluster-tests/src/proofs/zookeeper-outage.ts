import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, zookeeper } from '../cluster.js';
import { configFile, coordinatedBy, grid, tasksOfGrid } from '../config.js';
import { tasksOf } from '../druid.js';
import { FaultProxy } from '../fault-proxy.js';
import { flights } from '../flights.js';
import { Flow } from '../flow.js';
import { assertOneSetOfTasks, untilHeldBy } from '../partitions.js';
import type { Case, Proof } from '../proof.js';
import { assertDelivered, Push, type PushResult } from '../push.js';
import { assertInDruid } from '../sums.js';
import { TwoBuckets, twoHours } from '../two-buckets.js';

/** Events a second of each of the two processes, and seconds without ZooKeeper and after that. */
const sizes = {
  small: { perSecond: 300, outage: 8, after: 5 },
  full: { perSecond: 3_000, outage: 30, after: 20 },
};

/** One of two processes that push at the same time: the first reaches ZooKeeper through a proxy. */
interface Instance {
  readonly flow: Flow;
  readonly push: Push;
}

/** How ZooKeeper goes away and comes back for the first. */
interface Outage {
  readonly begin: (proxy: FaultProxy) => Promise<void>;
  readonly end: (proxy: FaultProxy) => Promise<void>;
}

interface OutageCase extends Outage {
  readonly name: string;
  readonly id: string;
  /** `zookeeper.timeout` for an outage of so many seconds. */
  readonly timeout: (outage: number) => string;
  /** Looks at what the first process has told. */
  readonly check: (stderr: string) => void;
}

const refuse: Outage = {
  begin: (proxy) => {
    proxy.fault = { kind: 'refuse' };
    proxy.reset();
    return Promise.resolve();
  },
  end: (proxy) => {
    proxy.fault = { kind: 'none' };
    return Promise.resolve();
  },
};

const blackHole: Outage = {
  begin: (proxy) => {
    proxy.fault = { kind: 'black-hole' };
    return Promise.resolve();
  },
  end: refuse.end,
};

const server: Outage = {
  begin: () => service('zookeeper', 'stop'),
  end: () => service('zookeeper', 'start'),
};

const expired = /The ZooKeeper session expired/;

export const zookeeperOutage: Proof = {
  name: 'zookeeper-outage',
  promise: 'ZooKeeper goes away during a push, while a bucket begins: nothing is lost, and no task is there twice',
  cases: [
    outageOf({
      ...refuse,
      name: 'the connections of one of two processes are refused, and its session outlives that',
      id: 'zookeeper_refused',
      timeout: (outage) => `PT${outage * 2}S`,
      check: (stderr) => {
        assert.doesNotMatch(stderr, expired);
      },
    }),
    outageOf({
      ...blackHole,
      name: 'the packets of one of two processes vanish for longer than its session lives',
      id: 'zookeeper_expired',
      timeout: () => 'PT4S',
      check: (stderr) => {
        assert.match(stderr, expired);
      },
    }),
    outageOf({
      ...server,
      name: 'the server is stopped and started, for both and for Druid',
      id: 'zookeeper_stopped',
      timeout: () => 'PT20S',
      check: () => undefined,
    }),
  ],
};

function outageOf({ name, id, timeout, begin, end, check }: OutageCase): Case {
  return {
    name,
    async run(stage) {
      const { perSecond, outage, after } = sizes[stage.size];
      const table = stage.dataSource(id);
      await using proxy = await FaultProxy.to(zookeeper());
      const buckets = new TwoBuckets();
      const events = await flights(100_000, 0, 1);
      const start = async (connect: string): Promise<Instance> => {
        const properties = { ...coordinatedBy('zookeeper', connect), ...grid, 'zookeeper.timeout': timeout(outage) };
        const config = await configFile(table, { ...twoHours, properties });
        const flow = new Flow(events, { perSecond, timeOf: buckets.timeOf });
        return { flow, push: new Push(['-configFile', config], flow) };
      };
      const instances = await Promise.all([start(proxy.address), start(zookeeper())]);
      await untilHeldBy(table, tasksOfGrid);
      assert.equal((await tasksOf(table)).size, tasksOfGrid, 'tasks before the outage');

      stage.tell(`ZooKeeper goes away for ${outage} s; the next bucket begins a second later`);
      const began = Date.now();
      await begin(proxy);
      await sleep(1_000);
      buckets.turn();
      await sleep(Math.max(0, began + outage * 1000 - Date.now()));
      await end(proxy);
      stage.tell(`ZooKeeper is back after ${((Date.now() - began) / 1000).toFixed(1)} s`);
      await sleep(after * 1000);
      for (const { flow } of instances) flow.end();

      const [throughProxy] = await Promise.all(instances.map(delivered));
      check(throughProxy?.stderr ?? '');
      const sent = instances.flatMap(({ flow }) => flow.given);
      stage.tell('Comparing what is in Druid with what was pushed');
      await assertInDruid(table, sent);
      assert.equal(await assertOneSetOfTasks(table, tasksOfGrid), 2, 'buckets with tasks');
      return { events: sent.length, 'tasks of each of the two buckets': tasksOfGrid };
    },
  };
}

async function delivered({ flow, push }: Instance): Promise<PushResult> {
  const result = await push.result();
  assertDelivered(result, flow.given.length);
  return result;
}
