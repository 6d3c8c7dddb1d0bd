import type { Context } from './context.js';
import { describeExit, GuardedProcess } from './guarded-process.js';
import type { CommandLine } from './guarded-process.js';
import { withLogTail } from './log-tail.js';

/**
 * Runs a command until it ends by itself, or kills it when the context's signal is aborted.
 *
 * @throws Error with the end of its log when it ends with anything but exit code 0, and the reason of the abort.
 */
export async function runToEnd(context: Pick<Context, 'warden' | 'signal'>, line: CommandLine): Promise<void> {
  context.signal.throwIfAborted();
  const started = await GuardedProcess.start(context.warden, line);
  const kill = () => void started.killGroup();
  context.signal.addEventListener('abort', kill, { once: true });
  if (context.signal.aborted) kill();
  const exit = await started.exited;
  context.signal.removeEventListener('abort', kill);
  context.signal.throwIfAborted();
  if (exit.code !== 0) {
    throw new Error(
      withLogTail(
        `${line.command} ${line.args.slice(0, 3).join(' ')} ... failed (${describeExit(exit)}).`,
        line.logFile,
      ),
    );
  }
}
