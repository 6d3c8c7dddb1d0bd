import { strict as assert } from 'node:assert';
import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { binary } from './command.js';

interface PushSummary {
  readonly read: number;
  readonly sent: number;
  readonly dropped: Record<string, number>;
  readonly failed: number;
  readonly lost: number;
  readonly interrupted: boolean;
  readonly seconds: number;
}

export interface PushResult {
  readonly code: number | null;
  readonly stderr: string;
  /** Absent when it printed none. */
  readonly summary?: PushSummary;
}

/** The built `tranquility push`, run as a user would. */
export class Push {
  readonly process: ChildProcess;
  readonly #input: Promise<void>;
  readonly #output: Promise<PushResult>;

  /** @param input what it reads on standard input: text, in any pieces. */
  constructor(args: readonly string[], input?: Iterable<string> | AsyncIterable<string>) {
    this.process = spawn(process.execPath, [binary, 'push', '--json', '--verbose', ...args], {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const { stdin } = this.process;
    // A process that ends before its input does is what some suites are about.
    this.#input =
      input === undefined || stdin === null
        ? Promise.resolve()
        : pipeline(Readable.from(input), stdin).catch(() => undefined);
    this.#output = this.#collect();
  }

  async result(): Promise<PushResult> {
    await this.#input;
    return this.#output;
  }

  async #collect(): Promise<PushResult> {
    const [stdout, stderr, code] = await Promise.all([
      textOf(this.process.stdout),
      textOf(this.process.stderr),
      new Promise<number | null>((resolve) => this.process.on('close', resolve)),
    ]);
    return { code, stderr, ...(stdout === '' ? {} : { summary: JSON.parse(stdout) as PushSummary }) };
  }
}

async function textOf(stream: Readable | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

/** Throws when a push did not deliver just so many events, with what it printed. */
export function assertDelivered({ code, stderr, summary }: PushResult, events: number): void {
  const { read, sent, dropped, failed, lost } = summary ?? {};
  const delivered = { code: 0, read: events, sent: events, dropped: {}, failed: 0, lost: 0 };
  assert.deepEqual(
    { code, read, sent, dropped, failed, lost },
    delivered,
    `push ended so, and had printed:\n${stderr}`,
  );
}
