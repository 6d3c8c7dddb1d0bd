import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Cluster } from '@tranquility-js/cluster';
import { appendSuite, type Target } from '@tranquility-js/conformance';
import { afterAll, beforeAll, describe } from 'vitest';

describe('Druid 33', () => {
  let cluster: Cluster;
  let target: Target;

  beforeAll(async () => {
    cluster = await startCluster({ druid: '33.0.0', worker: 'indexer' });
    const { druid } = cluster.endpoints;
    if (druid === undefined) throw new Error('The cluster has no Druid.');
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
});
