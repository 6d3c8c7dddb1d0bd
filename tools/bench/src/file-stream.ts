/**
 * A process that streams a file of events: `node file-stream.ts writable|transform URL FILE`. When it is told how many rows the file has, it
 * sends them and prints what became of them, and how much memory it held meanwhile.
 */
import { createReadStream } from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { createDruidTransform, createDruidWritable } from '@tranquility-js/node-streams';
import { config } from './events.js';

const [kind = '', url = '', file = ''] = process.argv.slice(2);
const target = { config: config('bench', { 'druid.overlord.urls': url }) };

/** What came of a file. */
export interface FileStreamed {
  readonly sent: number;
  /** Whether the outcomes came in the order of the events; of a Writable, which tells none, `true`. */
  readonly inOrder: boolean;
  /** The largest resident sets, in bytes: while the first fifth was sent, and afterwards. */
  readonly peaks: readonly [number, number];
}

/** Cuts ASCII into lines, and reads each. */
function split(): Transform {
  let rest = '';
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _, callback) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.push(JSON.parse(line));
      callback();
    },
  });
}

async function stream(rows: number): Promise<FileStreamed> {
  const peaks: [number, number] = [0, 0];
  let [next, inOrder] = [0, true];
  const sink = kind === 'writable' ? createDruidWritable(target) : createDruidTransform(target);
  const watch = setInterval(() => {
    const phase = sink.counters.sent * 5 < rows ? 0 : 1;
    peaks[phase] = Math.max(peaks[phase], process.memoryUsage.rss());
  }, 50);
  const check = new Writable({
    objectMode: true,
    write({ index }: { index: number }, _, callback) {
      inOrder &&= index === next++;
      callback();
    },
  });
  await (kind === 'writable'
    ? pipeline(createReadStream(file), split(), sink)
    : pipeline(createReadStream(file), split(), sink, check));
  clearInterval(watch);
  return { sent: sink.counters.sent, inOrder: inOrder && next === (kind === 'writable' ? 0 : rows), peaks };
}

process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await stream(Number(line)))}\n`);
}
