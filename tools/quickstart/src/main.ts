/** `npm run quickstart`: see `--help`. */
import { messageOf } from '@tranquility-js/core';
import { help, readOptions } from './options.js';
import { quickstart } from './quickstart.js';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') {
      process.stdout.write(help);
      return 0;
    }
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        stop.abort();
      });
    }
    await quickstart(options, { out: process.stdout, signal: stop.signal });
    return 0;
  } catch (error) {
    process.stderr.write(`quickstart: ${messageOf(error)}\n`);
    return 1;
  }
}
