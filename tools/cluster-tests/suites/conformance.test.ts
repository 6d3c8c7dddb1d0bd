import { setTimeout as sleep } from 'node:timers/promises';
import { druidSuite, engineSuite, type Target } from '@tranquility-js/conformance';
import { describe, vi } from 'vitest';
import { endpoints, peons } from '../src/cluster.js';

vi.setConfig({ testTimeout: 300_000 });

const target = (): Target => ({
  overlord: endpoints().overlord,
  router: endpoints().router,
  pass: (millis) => sleep(millis),
  killTask: async (id) => {
    const peon = (await peons()).find(({ taskId }) => taskId === id);
    if (peon === undefined) throw new Error(`No process runs the task ${id}.`);
    process.kill(peon.pid, 'SIGKILL');
  },
  patience: 90_000,
});

describe('Druid 28', () => {
  druidSuite(target);
  engineSuite(target);
});
