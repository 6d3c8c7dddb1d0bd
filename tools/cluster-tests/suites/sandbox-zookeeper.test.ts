import { configOf, eventsAt } from '@tranquility-js/conformance';
import { createSender } from '@tranquility-js/core';
import { startSandbox } from '@tranquility-js/sandbox';
import { expect, it } from 'vitest';
import { zookeeper } from '../src/cluster.js';

it('the sandbox is found through a ZooKeeper, with its tasks, and its announcements go when it does', async () => {
  const path = '/sandbox/discovery';
  const properties = {
    'zookeeper.connect': zookeeper(),
    'druid.discovery.curator.path': path,
    'druidBeam.overlordLocator': 'curator',
    'druidBeam.taskLocator': 'curator',
    'tranquility.coordination': 'overlord',
  };
  const config = (overlord: string) => configOf({ overlord, dataSource: 'announced', properties });
  {
    await using sandbox = await startSandbox({ zookeeper: { connect: zookeeper(), path } });
    await using sender = await createSender({ config: config(sandbox.url) });
    expect(await sender.sendAll(eventsAt(Date.now(), 100))).toMatchObject({ sent: 100 });
    expect(await sandbox.sql('SELECT SUM("count") AS n FROM announced')).toEqual([{ n: 100 }]);
  }
  const sender = await createSender({ config: config('http://127.0.0.1:9') });
  await expect(sender.connect({ timeout: 3_000 })).rejects.toMatchObject({ code: 'TRQ_OVERLORD_UNREACHABLE' });
  await sender.close({ timeout: 0 });
});
