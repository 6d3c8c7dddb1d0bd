import { CompressionTypes } from 'kafkajs';
import { describe, expect, it, vi } from 'vitest';
import { installCodecs, MissingCodec } from '../src/codecs/codecs.js';
import { readFetchAnswer } from '../src/source/fetch/fetch-answer.js';
import { brokenBatch } from '../src/source/source-troubles.js';
import { answerOf, batchOf, marked } from './fetch/answers.js';

function missing(): never {
  throw new Error('Cannot find package');
}
vi.mock('snappy', missing);
vi.mock('lz4-napi', missing);
vi.mock('fzstd', missing);

describe('a codec that is not installed', () => {
  it.each([
    ['snappy', 'snappy', CompressionTypes.Snappy],
    ['lz4', 'lz4-napi', CompressionTypes.LZ4],
    ['zstd', 'fzstd', CompressionTypes.ZSTD],
  ])('has its batches wait, and says what to install: %s', async (name, from, type) => {
    installCodecs(1_000_000);
    const batch = await batchOf({
      ...{ firstOffset: 7, lastOffsetDelta: 0 },
      records: [{ offsetDelta: 0, value: Buffer.from('{}') }],
    });
    const answer = await readFetchAnswer(answerOf('clicks', [{ partition: 0, set: marked(batch, type) }]));
    const { broken, records } = answer?.responses[0]?.partitions[0]?.messages[0] ?? {};
    expect(broken).toBeInstanceOf(MissingCodec);
    expect(records).toHaveLength(0);
    const { message } = brokenBatch('clicks', 0, 7, broken ?? new Error());
    expect(message).toContain(`compressed with ${name}. `);
    expect(message).toContain(`(npm install ${from}), and start it again. The partition waits`);
    expect(message).not.toContain('kafka-dump-log');
  });
});
