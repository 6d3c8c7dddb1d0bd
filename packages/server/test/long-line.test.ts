import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post } from './support/ask.js';
import { click, running, type Running } from './support/clicks.js';

let victim: Running;
beforeAll(async () => {
  victim = await running();
});
afterAll(() => victim[Symbol.asyncDispose]());

const gigabyte = 1_000_000_000;
const piece = Buffer.alloc(65_536, 'x');

/** An event with a text of so many bytes, made as it is sent. */
function* longEvent(bytes: number): Generator<Buffer> {
  yield Buffer.from(`{"time":${Date.now()},"user":"`);
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, left);
  yield Buffer.from('"}\n');
}

/** Posts what a generator gives, as fast as the server takes it. @returns the answer, and the most memory meanwhile. */
async function stream(
  contentType: string,
  bytes: Iterable<Buffer>,
): Promise<{ status: number; body: string; memory: number }> {
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, process.memoryUsage.rss())), 10);
  const outgoing = request(`${victim.url}/v1/post/clicks`, {
    method: 'POST',
    headers: { 'content-type': contentType },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
  });
  const source = Readable.from(bytes);
  source.pipe(outgoing);
  try {
    const response = await answered;
    return { status: response.statusCode ?? 0, body: await text(response), memory };
  } finally {
    clearInterval(watch);
    source.destroy();
    outgoing.destroy();
  }
}

const forms = ['application/json', 'application/x-ndjson'];

describe('a line of a gigabyte', () => {
  it.each(forms)('is read in little memory, and refused: %s', async (contentType) => {
    const before = process.memoryUsage.rss();
    const { status, body, memory } = await stream(contentType, longEvent(gigabyte));
    expect([status, body]).toEqual([400, expect.stringMatching(/^Malformed JSON\n.*\n.*maxEventBytes/) as string]);
    expect(memory - before).toBeLessThan(200_000_000);
    expect(await post(`${victim.url}/v1/post/clicks`, click('other'))).toMatchObject({ status: 200 });
  });

  it.each(forms)('is too large where it is more than a body may have: %s', async (contentType) => {
    const { status, body } = await stream(contentType, longEvent(2 ** 30));
    expect([status, body.split('\n')[0]]).toEqual([413, 'The body is too large']);
    expect(await post(`${victim.url}/v1/post/clicks`, click('other'))).toMatchObject({ status: 200 });
  });
});
