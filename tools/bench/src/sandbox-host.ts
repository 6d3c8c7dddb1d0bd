/** A sandbox in a process of its own, until its input ends. Prints its address. */
import { once } from 'node:events';
import { startSandbox } from '@tranquility-js/sandbox';

await using sandbox = await startSandbox();
process.stdout.write(`${JSON.stringify({ url: sandbox.url })}\n`);
await once(process.stdin.resume(), 'end');
