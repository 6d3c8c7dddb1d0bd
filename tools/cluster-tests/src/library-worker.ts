import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { quickStart } from '../../cluster/src/java.js';
import { emulatorEnvironment } from './emulator-access.js';
import { javaProgram } from './java-program.js';

/** Versions of the Kinesis Client Library of Java whose tables are taken over. */
export type LibraryVersion = '2.6.1' | '3.1.0';

export interface LibraryWorkerOptions {
  /** The URLs of the emulators. */
  readonly kinesis: string;
  readonly tables: string;
  readonly stream: string;
  /** Its name is that of its table of leases. */
  readonly application: string;
  readonly failoverMillis: number;
  /** A checkpoint is written behind every so many records of a shard. */
  readonly checkpointRecords: number;
}

/** Compiles the worker against a version. */
export async function libraryWorkers(
  version: LibraryVersion,
): Promise<(worker: string, options: LibraryWorkerOptions) => LibraryWorker> {
  const set = { name: 'amazon-kinesis-client', version, property: 'kcl.version' };
  const classPath = await javaProgram('LibraryWorker', set);
  return (worker, options) => new LibraryWorker(classPath, worker, options);
}

/** An application of the Kinesis Client Library, in a JVM of its own, and what it has told of its records. */
export class LibraryWorker {
  /** The pages of the events that it has processed, in their order. */
  readonly processed: string[] = [];
  /** How often it began a shard, or came to the end of one. */
  readonly counts = { begins: 0, ended: 0 };
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<unknown>;
  /** By shard: the pages that were processed, and are not known to lie before a checkpoint. */
  readonly #unsettled = new Map<string, string[]>();
  #log = '';

  constructor(
    classPath: string,
    worker: string,
    { kinesis, tables, stream, application, failoverMillis, checkpointRecords }: LibraryWorkerOptions,
  ) {
    const flags = ['-Xmx256m', ...quickStart, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classPath];
    const numbers = [String(failoverMillis), String(checkpointRecords)];
    const args = [...flags, 'LibraryWorker', kinesis, tables, stream, application, worker, ...numbers];
    this.#child = spawn('java', args, { stdio: 'pipe', env: { ...process.env, ...emulatorEnvironment } });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-10_000);
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      this.#told(line);
    });
    this.#ended = once(this.#child, 'close');
  }

  /** What it has processed, and may have written no checkpoint behind. */
  get unsettled(): string[] {
    return [...this.#unsettled.values()].flat();
  }

  /** The end of what it has logged. */
  get log(): string {
    return this.#log;
  }

  /** @throws when it has ended by itself: with the end of what it has logged. */
  check(): void {
    if (this.#child.exitCode !== null) throw new Error(`The library's worker has ended: ${this.#log}`);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #told(line: string): void {
    const [what = '', shard = '', ...data] = line.split(' ');
    if (what === 'record') {
      const { page } = JSON.parse(data.join(' ')) as { page: string };
      this.processed.push(page);
      this.#unsettled.set(shard, [...(this.#unsettled.get(shard) ?? []), page]);
    } else {
      if (what === 'settled' || what === 'ended') this.#unsettled.delete(shard);
      if (what === 'begins' || what === 'ended') this.counts[what]++;
    }
  }
}
