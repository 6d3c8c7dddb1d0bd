import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { receivedChunks } from '../src/post/body.js';
import { Problem } from '../src/post/problem.js';

async function problemOf(chunks: AsyncIterable<unknown>): Promise<string> {
  try {
    for await (const chunk of chunks) expect(chunk).toBeInstanceOf(Buffer);
  } catch (error) {
    return error instanceof Problem ? `${error.status} ${error.message}` : String(error);
  }
  return 'no problem';
}

describe('a body', () => {
  const limits = { maxBodyBytes: 100, minBytesPerSecond: 10, idleMillis: 300_000 };

  it('that stops coming is given up', async () => {
    vi.useFakeTimers();
    try {
      const body = new Readable({ read: () => undefined });
      body.push(Buffer.from('['));
      const problem = problemOf(receivedChunks(body, limits));
      await vi.advanceTimersByTimeAsync(19_000);
      body.push(Buffer.from('0,'));
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await problem).toBe('408 The body comes too slowly');
    } finally {
      vi.useRealTimers();
    }
  });

  it('that stops coming is given up when it has come fast before, too', async () => {
    vi.useFakeTimers();
    try {
      const body = new Readable({ read: () => undefined });
      body.push(Buffer.alloc(100));
      let isOver = false;
      const problem = problemOf(receivedChunks(body, { ...limits, minBytesPerSecond: 0.01, idleMillis: 60_000 }));
      void problem.then(() => (isOver = true));
      await vi.advanceTimersByTimeAsync(59_000);
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(2000);
      expect(isOver).toBe(true);
      expect(await problem).toBe('408 The body comes too slowly');
    } finally {
      vi.useRealTimers();
    }
  });

  it('may be as large as it may, and no larger', async () => {
    expect(await problemOf(receivedChunks(Readable.from([Buffer.alloc(100)]), limits))).toBe('no problem');
    expect(await problemOf(receivedChunks(Readable.from([Buffer.alloc(60), Buffer.alloc(41)]), limits))).toBe(
      '413 The body is too large',
    );
  });
});
