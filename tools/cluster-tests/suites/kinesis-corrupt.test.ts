import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { KinesisStage, packed } from '../src/kinesis-stage.js';
import { eventually, sumOf } from '../src/real-kafka.js';
import type { Put } from '../src/real-kinesis.js';

const records = 20_000;
const eventsOfEach = 2;
const events = records * eventsOfEach;
/** Of so many packed records one is corrupt. */
const oneIn = 100;

/** How packed records break: in their digest, or in what they hold though the digest is right. */
const breaks: readonly { readonly told: RegExp; readonly broken: (data: Buffer) => Buffer }[] = [
  { told: /digest of a packed record is wrong/, broken: flipped },
  { told: /digest of a packed record is wrong/, broken: (data) => data.subarray(0, -20) },
  { told: /packed record cannot be read: A message ends within/, broken: truncated },
];

/** Turns a bit of the digest. */
function flipped(data: Buffer): Buffer {
  const other = Buffer.from(data);
  other.writeUInt8((data.at(-1) ?? 0) ^ 1, data.length - 1);
  return other;
}

/** Leaves out the end of the message, and says that this is as it was meant. */
function truncated(data: Buffer): Buffer {
  const message = data.subarray(4, -19);
  return Buffer.concat([data.subarray(0, 4), message, createHash('md5').update(message).digest()]);
}

it('of 20,000 packed records each hundredth is corrupt: those are kept as they were, and the rest arrives', async () => {
  await using stage = await KinesisStage.start({ streams: 'kinesalite' });
  const stream = await stage.kinesis.stream('corrupt', 2);
  const dead = await stage.kinesis.stream('dead', 1);
  const time = Date.now();
  const corrupt = new Map<string, RegExp>();
  const puts: Put[] = [];
  let lost = 0;
  for (let at = 0; at < records; at++) {
    const key = `key ${at % 97}`;
    const own = Array.from({ length: eventsOfEach }, (_, sub) => {
      const n = at * eventsOfEach + sub;
      return { key, n, data: JSON.stringify({ time, n, page: `p${n % 10}` }) };
    });
    let data = await packed(own);
    const kind = at % oneIn === 0 ? breaks[(at / oneIn) % breaks.length] : undefined;
    if (kind !== undefined) {
      data = kind.broken(data);
      corrupt.set(data.toString('base64'), kind.told);
      lost += own.reduce((sum, { n }) => sum + n, 0);
    }
    puts.push({ key, data });
  }
  await stage.kinesis.put(stream, puts);
  const own = { streamPattern: stream, 'deadLetter.stream': dead };
  // A shard that is lost where the machine is busy would come twice.
  const patient = { 'kinesis.leases.failoverMillis': '60000' };
  const made = await stage.connector({ [`${stream}-rows`]: own }, patient);
  await made.connector.start();
  const broken = records / oneIn;
  await eventually(() => made.sent(stream) >= events - broken * eventsOfEach);
  await eventually(() => (made.connector.counters.streams[stream]?.deadLetters ?? 0) >= broken);
  const { drained, streams } = await made.connector.close();
  expect([drained, streams[stream]]).toMatchObject([
    true,
    { sent: events - broken * eventsOfEach, deadLetters: broken, dropped: { unparseable: broken } },
  ]);
  expect(await stage.rows(stream)).toEqual({ count: events - broken * eventsOfEach, sum: sumOf(events) - lost });
  const letters = (await stage.kinesis.read(dead)).map(
    ({ data }) => JSON.parse(data) as { data: string; reason: string; message: string },
  );
  expect(letters.map(({ data }) => data).sort()).toEqual([...corrupt.keys()].sort());
  for (const { data, reason, message } of letters) {
    expect(reason).toBe('unparseable');
    expect(message).toMatch(corrupt.get(data) ?? /^$/);
  }
});
