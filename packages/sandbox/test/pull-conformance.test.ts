import { setTimeout as sleep } from 'node:timers/promises';
import { pullSuite } from '@tranquility-js/conformance';
import { describe } from 'vitest';
import { startSandbox } from '../src/index.js';

describe('the sandbox as a Druid 33', () => {
  pullSuite(async () => {
    const sandbox = await startSandbox({ version: '33.0.0' });
    return {
      target: {
        overlord: sandbox.url,
        router: sandbox.url,
        pass: (millis) => sleep(millis),
        killTask: (id) => sandbox.killTask(id),
        patience: 20_000,
      },
      [Symbol.asyncDispose]: () => sandbox.close(),
    };
  });
});
