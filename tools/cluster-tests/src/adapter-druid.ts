import { setTimeout as sleep } from 'node:timers/promises';
import type { AdapterDruid } from '@tranquility-js/conformance';
import { endpoints, peons } from './cluster.js';
import { countUntil, endTasks, taskAddresses } from './druid.js';
import { FaultProxy } from './fault-proxy.js';

let last = 0;

/** The shared Druid, whose tasks are reached through proxies. */
export async function adapterDruid(): Promise<AdapterDruid> {
  const dataSource = `adapted_${process.pid}_${++last}`;
  const addresses = await taskAddresses();
  const proxies = await Promise.all(addresses.map((address) => FaultProxy.to(address)));
  const signal = async (name: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
    for (const { taskId, pid } of await peons()) if (taskId.includes(`_${dataSource}_`)) process.kill(pid, name);
  };
  return {
    overlord: endpoints().overlord,
    dataSource,
    properties: {
      'druid.addresses': addresses.map((address, index) => `${address}=${proxies[index]?.address ?? ''}`).join(','),
    },
    count: (expected) => countUntil(dataSource, expected),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    settled: () => sleep(1_000),
    disturb: () => {
      for (const proxy of proxies) {
        proxy.fault = { kind: 'refuse' };
        proxy.reset();
      }
      setTimeout(() => {
        for (const proxy of proxies) proxy.fault = { kind: 'none' };
      }, 1_500);
      return Promise.resolve();
    },
    async [Symbol.asyncDispose]() {
      await signal('SIGCONT');
      await endTasks(dataSource);
      await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    },
  };
}
