import { join } from 'node:path';
import { freePort } from '@tranquility-js/ports';
import { until } from '../druid.js';
import { numberedDimensions } from '../numbered.js';
import { numberedFile } from '../pull.js';
import type { Seeded } from '../seeded.js';
import { temporaryDirectory } from '../temporary.js';
import { Ledger } from './ledger.js';
import { Losses } from './losses.js';
import { SenderProcess, type SenderOptions } from './sender-process.js';

interface ArenaOptions {
  readonly dataSource: string;
  readonly perSecond: number;
  readonly chance: Seeded;
  readonly tell: (line: string) => void;
  /** On top of those that all faults need. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** How long the sender may take to get something acknowledged, in milliseconds: Druid may be away meanwhile. */
const patience = 120_000;

/** Where faults happen: a process that sends, its journal, and what it has written down. */
export class Arena implements AsyncDisposable {
  readonly dataSource: string;
  readonly chance: Seeded;
  readonly tell: (line: string) => void;
  readonly losses = new Losses();
  readonly journal: string;
  readonly ledgerFile: string;
  /** What the next life is configured with. */
  partitions = 1;
  dimensions: readonly string[] = numberedDimensions;
  readonly #perSecond: number;
  readonly #properties: Readonly<Record<string, string>>;
  #sender: SenderProcess | undefined;

  private constructor(options: ArenaOptions, directory: string, port: number) {
    const { dataSource, perSecond, chance, tell, properties } = options;
    this.dataSource = dataSource;
    this.chance = chance;
    this.tell = tell;
    this.journal = join(directory, 'journal');
    this.ledgerFile = join(directory, 'ledger');
    this.#perSecond = perSecond;
    this.#properties = {
      'journal.directory': this.journal,
      'journal.segmentBytes': '65536',
      'pull.endpoint.port': String(port),
      'pull.supervisorPeriod': 'PT2S',
      ...properties,
    };
  }

  static async open(options: ArenaOptions): Promise<Arena> {
    const port = await freePort();
    return new Arena(options, await temporaryDirectory(), port);
  }

  get sender(): SenderProcess {
    if (this.#sender === undefined) throw new Error('Nobody sends.');
    return this.#sender;
  }

  get ledger(): Ledger {
    return Ledger.read(this.ledgerFile);
  }

  /** Begins a life, and waits until it takes events. */
  async start(properties: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#sender = new SenderProcess(this.#options(properties));
    await this.#sender.ready();
  }

  /** Begins a life that ends so many milliseconds after it has begun to open the journal. */
  async startAndDie(millis: number): Promise<void> {
    this.#sender = new SenderProcess({ ...this.#options({}), dieInRecovery: millis });
    await this.#sender.ended();
  }

  /** Waits until so many blocks more are acknowledged. */
  async acknowledged(blocks: number): Promise<void> {
    const least = this.ledger.acknowledged + blocks;
    const found = await until(
      () => Promise.resolve(this.ledger.acknowledged),
      (count) => count >= least,
      patience,
    );
    if (found < least) throw new Error(`Only ${found} of ${least} blocks were acknowledged.`);
  }

  /** Waits until nothing that was sent is in doubt. */
  async settled(): Promise<void> {
    const left = await until(
      () => Promise.resolve(this.ledger.inDoubt),
      (blocks) => blocks.length === 0,
      patience,
    );
    if (left.length > 0) throw new Error(`${left.length} blocks were not acknowledged.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#sender?.isAlive === true) await this.#sender.kill();
  }

  #options(properties: Readonly<Record<string, string>>): SenderOptions {
    const all = { ...this.#properties, 'task.partitions': String(this.partitions), ...properties };
    return {
      config: numberedFile(this.dataSource, this.dimensions, all),
      ledger: this.ledgerFile,
      journal: this.journal,
      perSecond: this.#perSecond,
    };
  }
}
