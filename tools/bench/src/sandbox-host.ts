/** A sandbox in a process of its own, until its input ends. Prints its address. */
import { startSandbox } from '@tranquility-js/sandbox';

await using sandbox = await startSandbox();
process.stdout.write(`${JSON.stringify({ url: sandbox.url })}\n`);
for await (const line of process.stdin) void line;
