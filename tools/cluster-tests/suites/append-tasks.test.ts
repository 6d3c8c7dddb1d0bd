import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Cluster } from '@tranquility-js/cluster';
import { appendAdapterSuite, appendSuite, openSender, type Target } from '@tranquility-js/conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { appendLaneSuite } from '../src/append-lane-suite.js';
import { useCluster } from '../src/cluster.js';
import { countOf, until } from '../src/druid.js';

describe('Druid 33', () => {
  let cluster: Cluster;
  let target: Target;

  beforeAll(async () => {
    cluster = await startCluster({ druid: '33.0.0', worker: 'indexer' });
    const { druid } = cluster.endpoints;
    if (druid === undefined) throw new Error('The cluster has no Druid.');
    useCluster({ endpoints: cluster.endpoints, control: '' });
    target = {
      overlord: druid.overlord,
      router: druid.router,
      pass: (millis) => sleep(millis),
      killTask: () => Promise.reject(new Error('The tasks of an Indexer are threads.')),
      patience: 90_000,
    };
  });
  afterAll(() => cluster.stop());

  appendSuite(() => target);
  appendLaneSuite(() => target);

  let adapted = 0;
  appendAdapterSuite(
    'the sender',
    () => {
      const dataSource = `adapted_${++adapted}`;
      const overlord = cluster.service('coordinator');
      return Promise.resolve({
        overlord: target.overlord,
        dataSource,
        count: (expected) =>
          until(
            () => countOf(dataSource).catch(() => -1),
            (count) => count === expected,
            60_000,
          ),
        pause: () => Promise.resolve(overlord.pause()),
        resume: () => Promise.resolve(overlord.resume()),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
    openSender,
  );
});
