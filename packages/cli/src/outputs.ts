import type { Writable } from 'node:stream';
import { messageOf } from '@tranquility-js/core';
import { exitCodes } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** Standard output and standard error while a command runs: that one of them cannot be written does not end the process at once. */
export class Outputs {
  readonly #command: string;
  readonly #terminal: Terminal;
  readonly #faults = new Map<Writable, NodeJS.ErrnoException>();
  #isLasting = false;

  constructor(command: string, terminal: Terminal) {
    const { out, err } = terminal;
    this.#command = command;
    this.#terminal = terminal;
    out.on('error', (error) => this.#note(error, out, 'standard output', err));
    err.on('error', (error) => this.#note(error, err, 'standard error', out));
  }

  /** From now on the command does its work until it is told to end, whoever reads what it writes. */
  readonly lasts = (): void => {
    this.#isLasting = true;
  };

  /** What the process ends with, where the command ends with `code`: results that nobody got are no success. */
  async exitCodeFor(code: number): Promise<number> {
    // Where writing fails, that shows a moment later.
    await new Promise(setImmediate);
    const fault = this.#faults.get(this.#terminal.out);
    if (fault === undefined || this.#isLasting || code !== exitCodes.ok) return code;
    return fault.code === 'EPIPE' ? exitCodes.unread : exitCodes.failed;
  }

  #note(error: NodeJS.ErrnoException, output: Writable, name: string, other: Writable): void {
    if (this.#faults.has(output)) return;
    this.#faults.set(output, error);
    const start = `tranquility ${this.#command}: Cannot write to ${name}: ${messageOf(error)}.`;
    if (this.#isLasting) other.write(`${start} It goes on without.\n`);
    // Who reads no more has enough; and messages have no results for company.
    else if (output === this.#terminal.out && error.code !== 'EPIPE') other.write(`${start}\n`);
  }
}
