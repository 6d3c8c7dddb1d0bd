import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('warden.mjs', import.meta.url));

/**
 * A small process that outlives this one. When this process ends without having called {@link Warden.close}, even by
 * SIGKILL, the warden sends SIGKILL to every process group it watches and removes the paths it was told to remove.
 */
export class Warden {
  readonly #process: ChildProcess;
  #lost = false;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.once('exit', () => {
      this.#lost = true;
    });
    process.stdin?.on('error', () => {
      this.#lost = true;
    });
  }

  /**
   * Starts a warden.
   *
   * @throws Error when Node cannot be started again.
   */
  static async start(): Promise<Warden> {
    const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    // It says when it can no longer be ended by a signal.
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => {
        throw new Error(`Could not start ${process.execPath} ${script}, without which no server is started.`);
      }),
    ]);
    child.stdout.destroy();
    child.unref();
    return new Warden(child);
  }

  /** The warden's own process id. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the warden is sure to learn of this process group, whatever happens to us afterwards. */
  watch(group: number): Promise<void> {
    return this.#send(`watch ${group}`);
  }

  /** To be called once nothing is left of the group: its number may soon belong to somebody else. */
  forget(group: number): Promise<void> {
    return this.#send(`forget ${group}`);
  }

  /** Has a file or directory removed if we die. */
  remove(path: string): Promise<void> {
    return this.#send(`remove ${path}`);
  }

  /** Takes back {@link Warden.remove}. */
  keep(path: string): Promise<void> {
    return this.#send(`keep ${path}`);
  }

  /** Ends the warden; it does nothing more. To be called when everything has been stopped. */
  async close(): Promise<void> {
    if (this.#lost) return;
    const exited = once(this.#process, 'exit');
    this.#process.ref();
    await this.#send('done');
    this.#process.stdin?.end();
    await exited;
  }

  #send(line: string): Promise<void> {
    const { stdin } = this.#process;
    if (this.#lost || stdin === null) {
      return Promise.reject(
        new Error(
          `The warden (process ${this.#process.pid ?? 'unknown'}), which ends our servers if we die, is gone: ` +
            'nothing more is started. Stop this cluster and start another.',
        ),
      );
    }
    return new Promise((resolve, reject) => {
      stdin.write(`${line}\n`, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}
