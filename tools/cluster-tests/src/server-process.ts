import { setTimeout as sleep } from 'node:timers/promises';
import { CommandProcess } from './command-process.js';

/** How long it may take until it listens, in milliseconds. */
const patience = 30_000;

/** `tranquility server`, as a user runs it, until it is ended. */
export class ServerProcess extends CommandProcess {
  readonly #url: string;

  constructor(config: string, url: string) {
    super('server', '-configFile', config);
    this.#url = url;
  }

  /** @throws when it does not listen in time. */
  async listening(): Promise<void> {
    for (const deadline = Date.now() + patience; ; await sleep(50)) {
      this.check();
      const response = await fetch(`${this.#url}/health`).catch(() => undefined);
      if (response?.ok === true) return;
      if (Date.now() > deadline) throw new Error(`The server does not listen: ${this.log}`);
    }
  }

  /** Its memory, in bytes, as it says itself. */
  async memory(): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (.+)$/m.exec(text)?.[1]);
  }
}
