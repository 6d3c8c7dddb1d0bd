import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Warden } from './warden.js';

/** What to run, and where its output goes. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  /** Working directory. */
  readonly directory: string;
  /** File that its standard error, and without `outputFile` its standard output too, is appended to. */
  readonly logFile: string;
  /** File for its standard output alone. */
  readonly outputFile?: string;
}

/** How a process ended: `code` or `signal`. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

// The shell waits for our line before it becomes the command. If we die before the warden knows the group, the shell
// reads the end of the pipe instead and exits: there is no moment at which a process runs that nobody would end.
const gate = 'read -r go && exec "$@" </dev/null';

// An orphan stays in its group, dead, until process 1 takes note. Some never do, for instance in a container.
const reapMillis = 5_000;

/** A process that leads a process group of its own and that the warden ends if we die. */
export class GuardedProcess {
  readonly pid: number;
  /** Resolves when the process itself has ended; others of its group may still run. */
  readonly exited: Promise<ProcessExit>;
  #exit: ProcessExit | undefined;

  private constructor(child: ChildProcess, pid: number) {
    this.pid = pid;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /**
   * Starts a command in a new process group, after the warden has been told of it.
   *
   * @throws Error when there is no `sh`, or the log file cannot be written.
   */
  static async start(warden: Warden, line: CommandLine): Promise<GuardedProcess> {
    const log = openSync(line.logFile, 'a');
    const output = line.outputFile === undefined ? log : openSync(line.outputFile, 'w');
    let child;
    try {
      child = spawn('sh', ['-c', gate, 'sh', line.command, ...line.args], {
        cwd: line.directory,
        detached: true,
        stdio: ['pipe', output, log],
      });
    } finally {
      closeSync(log);
      if (output !== log) closeSync(output);
    }
    const { pid, stdin } = child;
    if (pid === undefined || stdin === null) {
      const error = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw new Error(`Could not run ${line.command} in ${line.directory}: ${error.message}`, { cause: error });
    }
    const started = new GuardedProcess(child, pid);
    stdin.on('error', () => undefined);
    try {
      await warden.watch(pid);
      stdin.end('go\n');
    } catch (error) {
      stdin.end();
      throw error;
    }
    void started.#forgetWhenEmpty(warden);
    return started;
  }

  /** How it ended, once it has. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /** Sends a signal to the process itself. */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) process.kill(this.pid, signal);
  }

  /** Sends SIGKILL to the whole group, and resolves when nothing of it runs. */
  async killGroup(): Promise<void> {
    const deadline = Date.now() + reapMillis;
    while (signalGroup(this.pid, 'SIGKILL') && Date.now() < deadline) await sleep(20);
    await this.exited;
  }

  /** Whether the process or another one of its group runs. */
  get groupAlive(): boolean {
    return signalGroup(this.pid, 0);
  }

  async #forgetWhenEmpty(warden: Warden): Promise<void> {
    await this.exited;
    while (this.groupAlive) await sleep(250, undefined, { ref: false });
    await warden.forget(this.pid).catch(() => undefined);
  }
}

/** False when the group has no process left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/** In words, for messages. */
export function describeExit(exit: ProcessExit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
}
