import { describe, expect, it } from 'vitest';
import type { Answer } from '../src/post/answer.js';
import { Idempotency } from '../src/post/idempotency.js';

const idempotency = new Idempotency(60_000);

/** Asks with a key, and is answered with as many characters. */
function ask(key: string, length = 1): Promise<Answer> {
  const answer = { status: 200, headers: {}, body: 'x'.repeat(length) };
  const run = (): Promise<Answer> => Promise.resolve(answer);
  return idempotency.once([key], { run, dataSources: new Set(), mayPost: () => true });
}

const isReplayed = async (key: string): Promise<boolean> => 'idempotent-replayed' in (await ask(key)).headers;

describe('kept answers', () => {
  it('have 32 MiB at most, and the oldest go first', async () => {
    const mebibyte = 1024 * 1024;
    for (let key = 0; key < 20; key++) await ask(`${key}`, mebibyte);
    expect([await isReplayed('19'), await isReplayed('4'), await isReplayed('3')]).toEqual([true, true, false]);
    await ask('larger than all', 17 * mebibyte);
    expect(await isReplayed('larger than all')).toBe(false);
  });
});
