import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Child } from './child.js';
import { pageView } from './events.js';
import type { FileStreamed } from './file-stream.js';
import { comparison, type Comparison } from './measure.js';

/** How late the sink answers each push, in milliseconds: it takes fewer rows than the file gives. */
const slowness = 30;
const megabyte = 1_048_576;

/**
 * Streams a large file to a sink that is slow on purpose: back-pressure must hold the file back, so that memory stays where it was.
 * @throws when a row is lost, comes twice, or has its outcome out of order.
 */
export async function benchStreamMemory(
  rows: number,
  only: readonly string[],
  tell: (line: string) => void,
): Promise<Comparison[]> {
  const children: Child[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-js-bench-'));
  try {
    const file = join(directory, 'events.ndjson');
    await pipeline(Readable.from(lines(rows)), createWriteStream(file));
    const results: Comparison[] = [];
    for (const name of ['writable', 'transform'].filter((known) => only.length === 0 || only.includes(known))) {
      const sink = Child.ofSource('sink.ts', String(slowness));
      children.push(sink);
      const { port } = (await sink.answer()) as { port: number };
      const url = `http://127.0.0.1:${port}`;
      const child = Child.ofSource('file-stream.ts', name, url, file);
      children.push(child);
      await child.answer();
      const started = performance.now();
      const { sent, inOrder, peaks } = (await child.ask(String(rows))) as FileStreamed;
      const seconds = (performance.now() - started) / 1000;
      const arrived = Number(await (await fetch(`${url}/rows`)).text());
      tell(`${name}: ${rows} rows in ${seconds.toFixed(1)} s, ${sent} sent, ${arrived} at the sink`);
      if (sent !== rows || arrived !== rows) throw new Error(`${name}: of ${rows} rows ${sent} sent, ${arrived} there`);
      if (!inOrder) throw new Error(`${name}: outcomes came out of order`);
      const metric = 'MiB resident at most after a fifth of the rows, against before';
      results.push(comparison(name, name, metric, peaks[1] / megabyte, peaks[0] / megabyte));
    }
    return results;
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await rm(directory, { recursive: true, force: true });
  }
}

/** The events of a file, a thousand lines at a time. */
function* lines(rows: number): Generator<string> {
  const now = Date.now();
  for (let from = 0; from < rows; from += 1000) {
    const length = Math.min(1000, rows - from);
    yield Array.from({ length }, (_, i) => `${JSON.stringify({ ...pageView(from + i, now), index: from + i })}\n`).join(
      '',
    );
  }
}
