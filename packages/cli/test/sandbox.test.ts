import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.js';

/** Runs the command line; `interrupt` does what Ctrl-C does, once something was printed. */
async function command(...args: string[]) {
  const texts = { out: '', err: '' };
  const interrupts: (() => void)[] = [];
  let printed = (): void => undefined;
  const somethingPrinted = new Promise<void>((resolve) => {
    printed = resolve;
  });
  const screen = (name: keyof typeof texts): Writable =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        texts[name] += chunk.toString();
        printed();
        done();
      },
    });
  const code = run(['sandbox', ...args], {
    terminal: { out: screen('out'), err: screen('err') },
    stdin: new PassThrough(),
    onInterrupt: (interrupt) => {
      interrupts.push(interrupt);
      return () => undefined;
    },
  });
  await somethingPrinted;
  return {
    texts,
    code,
    interrupt: async () => {
      for (const interrupt of interrupts) interrupt();
      return code;
    },
  };
}

describe('tranquility sandbox', () => {
  it('runs a Druid until it is interrupted', async () => {
    const { texts, interrupt } = await command('--json', '--druid-version', '30.0.0', '--overlords', '2');
    const { url, version, overlords } = JSON.parse(texts.out) as { url: string; version: string; overlords: string[] };
    expect([version, overlords.length]).toEqual(['30.0.0', 2]);
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ version: '30.0.0' });
    expect(await interrupt()).toBe(0);
    await expect(fetch(`${url}/status`)).rejects.toThrow('fetch failed');
  });

  it('says how to use it', async () => {
    const { texts, interrupt } = await command();
    expect(texts.out).toMatch(/^An embedded Druid 28\.0\.0 listens at (http:\/\/127\.0\.0\.1:\d+)\n/);
    expect(texts.out).toContain('"druid.overlord.urls": "http://127.0.0.1:');
    await interrupt();
  });

  it.each([
    [['--port', 'x'], '--port x: expected a whole number.'],
    [['--port', '99999'], "The sandbox's option port is 99999"],
    [['--speed', '1'], "Unknown option '--speed'"],
    [['--druid-version', 'new'], 'The version "new" is none of Druid'],
  ])('%j is refused', async (args, message) => {
    const { texts, code } = await command(...args);
    expect(await code).toBe(2);
    expect(texts.err).toContain(message);
  });

  it('shows its options', async () => {
    const { texts, code } = await command('--help');
    expect(await code).toBe(0);
    expect(texts.out).toContain('Usage: tranquility sandbox [OPTIONS]');
  });
});
