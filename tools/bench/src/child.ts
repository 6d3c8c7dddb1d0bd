import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that answers lines with lines of JSON. */
export class Child {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #name: string;

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.on('error', () => undefined);
    if (this.#process.stdout === null) throw new Error(`${name} has no output`);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** A TypeScript file of this folder. */
  static ofSource(file: string, ...args: string[]): Child {
    const path = fileURLToPath(new URL(file, import.meta.url));
    return new Child([file, ...args.slice(0, 1)].join(' '), process.execPath, [
      ...['--conditions=@tranquility-js/source', '--import', 'tsx'],
      ...nodeFlags(),
      path,
      ...args,
    ]);
  }

  /** Its next line. */
  async answer(): Promise<unknown> {
    for (;;) {
      const next = await this.#answers.next();
      if (next.done === true) throw new Error(`${this.#name} ended before it had answered.`);
      if (next.value.startsWith('{')) return JSON.parse(next.value) as unknown;
    }
  }

  async ask(line: string): Promise<unknown> {
    this.#process.stdin?.write(`${line}\n`);
    return this.answer();
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.stdin?.end();
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), 3_000);
    await exited;
    clearTimeout(kill);
  }
}

/** More flags for the Node processes, such as `--cpu-prof`, from BENCH_NODE_FLAGS. */
function nodeFlags(): string[] {
  return (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
}
