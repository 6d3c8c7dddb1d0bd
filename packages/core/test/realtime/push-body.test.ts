import { gunzipSync } from 'node:zlib';
import { parse } from 'smile-js';
import { describe, expect, it } from 'vitest';
import { BlockPool, RowBatch } from '../../src/event/row-batch.js';
import { pushBody } from '../../src/realtime/push-body.js';

const batch = new RowBatch(new BlockPool());
['{"t":"1970-01-01T00:00:00Z","a":1}', '{"t":2,"b":[1.5]}'].forEach((text, timestamp) => {
  batch.begin(text.length);
  batch.finish(batch.block.write(text, batch.start), text, timestamp);
});
const rows = batch.slice();
const values = [
  { t: '1970-01-01T00:00:00Z', a: 1 },
  { t: 2, b: [1.5] },
];
const form = (format: 'json' | 'smile', compression: 'none' | 'gzip') => ({
  millisColumn: undefined,
  isExclusive: true,
  properties: { 'serialization.format': format, 'druidBeam.compression': compression } as const,
});

describe('the body of a push', () => {
  it('is a JSON array', async () => {
    const { bytes, headers } = await pushBody(rows, form('json', 'none'));
    expect(JSON.parse(bytes.toString())).toEqual(values);
    expect(headers).toEqual({ 'content-type': 'application/json' });
  });

  it('is Smile, if wished', async () => {
    const { bytes, headers } = await pushBody(rows, form('smile', 'none'));
    expect(parse(bytes as Buffer)).toEqual(values);
    expect(headers).toEqual({ 'content-type': 'application/x-jackson-smile' });
  });

  it('is compressed, if wished', async () => {
    const { bytes, headers } = await pushBody(rows, form('json', 'gzip'));
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(values);
    expect(headers).toEqual({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
    const smile = await pushBody(rows, form('smile', 'gzip'));
    expect(parse(gunzipSync(smile.bytes))).toEqual(values);
    expect(smile.headers['content-type']).toBe('application/x-jackson-smile');
  });

  it('has milliseconds for a task that reads those only', async () => {
    const { bytes } = await pushBody(rows, { ...form('json', 'none'), millisColumn: 't' });
    expect(JSON.parse(bytes.toString())).toEqual([
      { t: 0, a: 1 },
      { t: 1, b: [1.5] },
    ]);
  });
});
