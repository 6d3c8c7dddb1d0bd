import { adapterSuite, druidSuite, engineSuite, type Target } from '@tranquility-js/conformance';
import { createSender } from '@tranquility-js/core';
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

adapterSuite('the sender', {
  startSandbox,
  open: async (config) => {
    const sender = await createSender({ config });
    return {
      deliver: async (events) => {
        const { sent } = await sender.sendAll(events);
        if (sent !== events.length) throw new Error(`${sent} of ${events.length} events were sent.`);
      },
      close: async () => {
        await sender.close();
      },
      crash: async () => {
        await sender.close({ timeout: 0 });
      },
    };
  },
});
