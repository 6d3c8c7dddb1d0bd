import { execFile } from 'node:child_process';

export const binary = new URL('../../../packages/cli/dist/main.js', import.meta.url).pathname;

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built `tranquility`, run as a user would, until it ends. */
export function tranquility(...args: string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [binary, ...args], (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
