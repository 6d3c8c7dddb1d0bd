import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, zookeeper } from '../cluster.js';
import { configFile, coordinatedBy, grid, tasksOfGrid } from '../config.js';
import { countOf, tasksOf, until } from '../druid.js';
import { FaultProxy } from '../fault-proxy.js';
import { flights, type Flight } from '../flights.js';
import { Flow } from '../flow.js';
import { assertOneSetOfTasks } from '../partitions.js';
import type { Case, Figures, Proof, Stage } from '../proof.js';
import { assertDelivered, Push, type PushResult } from '../push.js';
import { assertInDruid } from '../sums.js';
import { TwoBuckets, twoHours } from '../two-buckets.js';

const sizes = {
  small: { perSecond: 500, outage: 8 },
  full: { perSecond: 5_000, outage: 30 },
};
/** Seconds after the outage in which events still come. */
const after = 10;

/** How ZooKeeper goes away and comes back for our process, which reaches it through the proxy. */
interface Outage {
  readonly begin: (proxy: FaultProxy) => Promise<void>;
  readonly end: (proxy: FaultProxy) => Promise<void>;
}

interface OutageCase extends Outage {
  readonly name: string;
  readonly id: string;
  /** `zookeeper.timeout` for an outage of so many seconds. */
  readonly timeout: (outage: number) => string;
  readonly check: (result: PushResult) => void;
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
      name: 'our connections are refused, and the session outlives that',
      id: 'zookeeper_refused',
      timeout: (outage) => `PT${outage * 2}S`,
      check: ({ stderr }) => {
        assert.doesNotMatch(stderr, expired);
      },
    }),
    outageOf({
      ...blackHole,
      name: 'our packets vanish for longer than the session lives',
      id: 'zookeeper_expired',
      timeout: () => 'PT4S',
      check: ({ stderr }) => {
        assert.match(stderr, expired);
      },
    }),
    outageOf({
      ...server,
      name: 'the server is stopped and started, under Druid too',
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
      const { perSecond, outage } = sizes[stage.size];
      const table = stage.dataSource(id);
      await using proxy = await FaultProxy.to(zookeeper());
      const config = await configFile(table, {
        ...twoHours,
        properties: { ...coordinatedBy('zookeeper', proxy.address), ...grid, 'zookeeper.timeout': timeout(outage) },
      });
      const buckets = new TwoBuckets();
      const flow = new Flow(await flights(100_000, 0, 1), { perSecond, timeOf: buckets.timeOf });
      const push = new Push(['-configFile', config], flow);
      await until(
        () => countOf(table),
        (count) => count > perSecond,
        90_000,
      );
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
      flow.end();

      return await conclude(stage, table, await push.result(), flow.given, check);
    },
  };
}

async function conclude(
  { tell }: Stage,
  table: string,
  result: PushResult,
  sent: readonly Flight[],
  check: OutageCase['check'],
): Promise<Figures> {
  assertDelivered(result, sent.length);
  check(result);
  tell('Comparing what is in Druid with what was pushed');
  await assertInDruid(table, sent);
  assert.equal(await assertOneSetOfTasks(table, tasksOfGrid), 2, 'buckets with tasks');
  return { events: sent.length, 'tasks of each of the two buckets': tasksOfGrid };
}
