import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { binary } from './command.js';
import { emulatorEnvironment } from './emulator-access.js';

/** A command of `tranquility` that runs until it is ended, as a user runs it. */
export class CommandProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = '';

  /** @param args its name first. */
  constructor(...args: readonly [name: string, ...string[]]) {
    this.#name = args[0];
    this.#child = spawn(process.execPath, [binary, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...emulatorEnvironment },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-10_000);
      });
    }
    this.#ended = once(this.#child, 'exit');
  }

  /** The end of what it has said. */
  get log(): string {
    return this.#log;
  }

  /** @throws when it has ended by itself: with the end of what it has said. */
  check(): void {
    if (this.#child.exitCode !== null) throw new Error(`tranquility ${this.#name} has ended: ${this.#log}`);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to end. @returns its exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    await this.#ended;
    return this.#child.exitCode;
  }
}
