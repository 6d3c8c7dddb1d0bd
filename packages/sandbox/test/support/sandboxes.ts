import { configOf, eventsAt } from '@tranquility-js/conformance';
import { createSender, type Sender } from '@tranquility-js/core';
import { afterEach } from 'vitest';
import { ManualClock, startSandbox, type Sandbox, type SandboxOptions } from '../../src/index.js';

/** A sandbox and a sender to it, which live by the same clock, and stand still but for what the engine waits for. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly clock: ManualClock;
  readonly sender: Sender;
  readonly warnings: readonly string[];
  /** Sends so many events of now. */
  readonly send: (count: number, firstId?: number) => Promise<void>;
  /** How many events SQL counts. */
  readonly count: () => Promise<number>;
}

const dataSource = 'staged';
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** The sandbox ends with the test. */
export async function sandboxOf(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  opened.push(sandbox);
  return sandbox;
}

/** @param tuning by default Druid tells events that come twice by their id. */
export async function stage(
  options: SandboxOptions = {},
  properties: Record<string, string> = {},
  tuning: Record<string, unknown> = { dedupColumn: 'id' },
): Promise<Stage> {
  const clock = new ManualClock('2026-03-05T10:20:00Z');
  const sandbox = await sandboxOf({ clock, ...options });
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
  };
  const sender = await createSender({
    config: configOf({
      overlord: sandbox.overlords.join(','),
      dataSource,
      tuning,
      properties,
    }),
    clock,
    logger: { error: warn, warn, info: () => undefined, debug: () => undefined, trace: () => undefined },
  });
  opened.push({
    [Symbol.asyncDispose]: async () => {
      await sender.close({ timeout: 0 });
    },
  });
  return {
    sandbox,
    clock,
    sender,
    warnings,
    send: async (count, firstId = 0) => {
      const { sent } = await sender.sendAll(eventsAt(clock.now(), count, firstId));
      if (sent !== count) throw new Error(`${sent} of ${count} events were sent: ${warnings.join('; ')}`);
    },
    count: async () => {
      const [row] = await sandbox.sql(`SELECT SUM("count") AS n FROM ${dataSource}`);
      return Number(row?.['n']);
    },
  };
}

/** Posts JSON to the sandbox, and gives status and body. */
export async function post(sandbox: Sandbox, path: string, body: unknown = {}): Promise<[number, unknown]> {
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
  });
  const text = await response.text();
  return [response.status, text === '' ? undefined : JSON.parse(text)];
}

export async function get(sandbox: Sandbox, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${sandbox.url}${path}`, { redirect: 'manual' });
  const text = await response.text();
  return [response.status, text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text];
}
