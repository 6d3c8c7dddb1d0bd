import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { endpoints } from './cluster.js';
import { binary } from './command.js';
import { temporaryFile } from './temporary.js';

interface PushSummary {
  readonly read: number;
  readonly sent: number;
  readonly dropped: Record<string, number>;
  readonly failed: number;
  readonly lost: number;
  readonly interrupted: boolean;
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

export interface ConfigParts {
  readonly segmentGranularity: string;
  readonly windowPeriod: string;
  /** On top of the overlord's address, which a null leaves out. */
  readonly properties?: Record<string, string | null>;
}

/** A Tranquility config file for flights, as a user of Tranquility 0.8 would have it, with the overlord's address in it. */
export async function configFile(dataSource: string, parts: ConfigParts): Promise<string> {
  return temporaryFile(`${dataSource}.json`, JSON.stringify(configOf(dataSource, parts), null, '\t'));
}

/** What is in such a file. */
export function configOf(dataSource: string, parts: ConfigParts): object {
  return {
    dataSources: [
      {
        spec: {
          dataSchema: {
            dataSource,
            parser: {
              type: 'string',
              parseSpec: {
                format: 'json',
                timestampSpec: { column: 'time', format: 'auto' },
                dimensionsSpec: { dimensions: ['origin', 'destination'] },
              },
            },
            metricsSpec: [
              { type: 'count', name: 'count' },
              { type: 'longSum', name: 'delay', fieldName: 'delay' },
              { type: 'longSum', name: 'distance', fieldName: 'distance' },
            ],
            granularitySpec: {
              type: 'uniform',
              segmentGranularity: parts.segmentGranularity,
              queryGranularity: 'SECOND',
            },
          },
          tuningConfig: { type: 'realtime', maxRowsInMemory: 100_000, windowPeriod: parts.windowPeriod },
        },
      },
    ],
    properties: { 'druid.overlord.urls': endpoints().overlord, ...parts.properties },
  };
}
