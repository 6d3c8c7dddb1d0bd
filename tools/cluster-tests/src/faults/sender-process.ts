import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Ledger } from './ledger.js';

export interface SenderOptions {
  readonly config: object;
  /** The file in which it writes down what it sends, and what was acknowledged. */
  readonly ledger: string;
  /** The directory of its journal. */
  readonly journal: string;
  readonly perSecond: number;
  /** Dies so many milliseconds after it has begun to open the journal. */
  readonly dieInRecovery?: number;
}

/** What it can be told. `die` is `kill -9`: some turns of the event loop after an append has begun, or a file of the journal. */
export type Order =
  | { readonly do: 'pause' | 'go on' | 'stop'; readonly at?: never }
  | { readonly do: 'die'; readonly at: 'append' | 'roll'; readonly turns: number };

const program = fileURLToPath(new URL('./numbered-sender.ts', import.meta.url));
/** How long it may take to start, or to do what it is told, in milliseconds. */
const patience = 60_000;

/** One life of the process that sends, as users have it: with the built package, and nothing of ours inside. */
export class SenderProcess {
  readonly #options: SenderOptions;
  readonly #child: ChildProcess;
  readonly #life: number;
  #stderr = '';

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#life = Ledger.read(options.ledger).lives + 1;
    this.#child = fork(program, [JSON.stringify(options)], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text) => {
      this.#stderr += String(text);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @throws Error when it ends before it takes events, with what it has printed. */
  async ready(): Promise<void> {
    for (const deadline = Date.now() + patience; ;) {
      if (Ledger.read(this.#options.ledger).isWritten('ready', this.#life)) return;
      if (!this.isAlive) throw new Error(`The sender ended before it was ready:\n${this.#stderr}`);
      if (Date.now() > deadline) throw new Error(`The sender did not get ready:\n${this.#stderr}`);
      await sleep(50);
    }
  }

  tell(order: Order): void {
    if (this.isAlive) this.#child.send(order);
  }

  /** @throws Error when it does not end in time. */
  async ended(): Promise<void> {
    const giveUp = AbortSignal.timeout(patience);
    while (this.isAlive) await once(this.#child, 'exit', { signal: giveUp });
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.pid, name);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.tell({ do: 'stop' });
    await this.ended();
    if (!Ledger.read(this.#options.ledger).isWritten('closed', this.#life)) {
      throw new Error(`The sender did not close in order:\n${this.#stderr}`);
    }
  }
}
