import { Writable } from 'node:stream';
import { startSandbox } from '@tranquility-js/sandbox';
import { expect, it } from 'vitest';
import { quickstart } from '../src/quickstart.js';

class Screen extends Writable {
  text = '';
  readonly isTTY = false;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const options = { keep: false, druid: undefined, seconds: 2, rate: 1_000 };

it('shows what it does, asks three questions, and says what next', async () => {
  const out = new Screen();
  await quickstart(options, { out, signal: new AbortController().signal });
  expect(out.text).toMatch(/^An embedded Druid listens at http:\/\/127\.0\.0\.1:\d+\./);
  expect(out.text).toMatch(
    / {2}2 s: [\d,]+ events\/s, [\d,]+ sent, \d+ dropped \(late \d+\), latency .*, tasks: [12]\n/,
  );
  expect(out.text.match(/\n {2}─/g)).toHaveLength(3);
  expect(out.text).toContain('What next:');
});

it('leaves no tasks in the Druid that it is given, also when it is interrupted', async () => {
  await using sandbox = await startSandbox();
  const out = new Screen();
  const interrupt = new AbortController();
  const playing = quickstart(
    { ...options, keep: true, seconds: 60, druid: sandbox.url },
    { out, signal: interrupt.signal },
  );
  while (sandbox.tasks.length === 0) await new Promise((resolve) => setImmediate(resolve));
  interrupt.abort();
  await playing;
  expect(sandbox.tasks.every(({ status }) => status !== 'RUNNING')).toBe(true);
});
