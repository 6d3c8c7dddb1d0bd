import type * as ServerPackage from '@tranquility-js/server';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { UsageError } from '../usage-error.js';
import { readServerOptions, serverHelp } from './options.js';

/** The longest password that is hashed, in bytes. */
const longestPassword = 1000;

/** `tranquility server`: takes events by HTTP until the user ends it. */
export const server: Command = async (args, { terminal, stdin, onInterrupt, lasts }) => {
  const options = readServerOptions(args);
  if (options === 'help') {
    terminal.out.write(serverHelp);
    return exitCodes.ok;
  }
  const { PasswordHash, serve } = await serverPackage();
  if (options === 'hash') {
    if (stdin.isTTY === true) terminal.err.write('Type the password (it is shown), then Enter:\n');
    const hash = await PasswordHash.of(await firstLine(stdin));
    terminal.out.write(`${String(hash)}\n`);
    return exitCodes.ok;
  }
  lasts();
  const { drained } = await serve({ ...options, log: terminal.out, onInterrupt });
  return drained ? exitCodes.ok : exitCodes.failed;
};

/** A package of its own, as it brings an HTTP framework that nobody needs who only pushes. */
async function serverPackage(): Promise<typeof ServerPackage> {
  try {
    return await import('@tranquility-js/server');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      'The server is not installed. Install it beside the command: npm install @tranquility-js/server',
    );
  }
}

async function firstLine(input: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.includes('\n') || text.length > longestPassword) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '' || line.length > longestPassword) {
    throw new UsageError(`--hash: expected a password of 1 to ${longestPassword} characters on standard input.`);
  }
  return line;
}
