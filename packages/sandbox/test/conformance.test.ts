import {
  adapterSuite,
  appendAdapterSuite,
  druidSuite,
  engineSuite,
  inPullingSandbox,
  inSandbox,
  openSender,
  pullAdapterSuite,
  type Target,
} from '@tranquility-js/conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { ManualClock, startSandbox, type Sandbox } from '../src/index.js';

let sandbox: Sandbox;
let target: Target;

beforeAll(async () => {
  const clock = new ManualClock('2026-03-05T10:20:00Z');
  sandbox = await startSandbox({ clock });
  target = {
    overlord: sandbox.url,
    router: sandbox.url,
    clock,
    pass: async (millis) => {
      clock.advance(millis);
      await sandbox.settled();
    },
    killTask: (id) => sandbox.killTask(id),
    patience: 5_000,
  };
});

afterAll(() => sandbox.close());

describe('the sandbox as a Druid', () => {
  druidSuite(() => target);
  engineSuite(() => target);
});

adapterSuite('the sender', inSandbox(startSandbox), openSender);
pullAdapterSuite('the sender', inPullingSandbox(startSandbox), openSender);
appendAdapterSuite('the sender', inPullingSandbox(startSandbox), openSender);
