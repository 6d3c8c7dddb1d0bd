import type { Sandbox, SandboxOptions, startSandbox } from '@tranquility-js/sandbox';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { UsageError } from '../usage-error.js';
import { readSandboxOptions, sandboxHelp } from './options.js';

/** `tranquility sandbox`: an embedded Druid, until the user ends it. */
export const sandbox: Command = async (args, { terminal, onInterrupt, lasts }) => {
  const options = readSandboxOptions(args);
  if (options === 'help') {
    terminal.out.write(sandboxHelp);
    return exitCodes.ok;
  }
  lasts();
  await using druid = await start(options.sandbox);
  terminal.out.write(options.json ? `${JSON.stringify(addressesOf(druid))}\n` : introduction(druid));
  await new Promise<void>((resolve) => {
    const stop = onInterrupt(() => {
      stop();
      resolve();
    });
  });
  return exitCodes.ok;
};

async function start(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await sandboxPackage();
  try {
    return await sandbox.startSandbox(options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** A package of its own, as it brings a database that nobody needs who only pushes. */
async function sandboxPackage(): Promise<{ startSandbox: typeof startSandbox }> {
  try {
    return await import('@tranquility-js/sandbox');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      'The sandbox is not installed. Install it beside the command: npm install @tranquility-js/sandbox',
    );
  }
}

function addressesOf({ url, version, overlords }: Sandbox): object {
  return { url, version, overlords };
}

function introduction({ url, version, overlords }: Sandbox): string {
  const others = overlords.length > 1 ? `\n  other overlords: ${overlords.slice(1).join(', ')}` : '';
  return `An embedded Druid ${version} listens at ${url}${others}
  in a config:  "druid.overlord.urls": "${url}"
  SQL:          curl -H 'content-type: application/json' ${url}/druid/v2/sql -d '{"query":"SELECT COUNT(*) FROM flights"}'
  faults:       curl -X POST ${url}/sandbox/v1/faults -d '{"action":{"kind":"status","status":503},"server":"task"}'
Ctrl-C ends it. Nothing is kept.
`;
}
