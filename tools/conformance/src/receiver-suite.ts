import { expect, it } from 'vitest';
import type { Receiver } from './druid.js';
import { iso } from './realtime-task.js';
import type { StartTask } from './start-task.js';

const minute = 60_000;

/** What a task answers to whom pushes to it. */
export function receiverSuite(start: StartTask): void {
  const errorOf = async (receiver: Receiver, body: unknown): Promise<[number, string]> => {
    const { status, json } = await receiver.push(body);
    return [status, (json as { error: string }).error.replace(/\n at \[.*/s, '')];
  };

  it('takes arrays of objects, whatever is in the header behind the type', async () => {
    const { receiver, id, start: hour } = await start();
    const reply = await receiver.push([{ t: hour }, { t: hour }]);
    expect(reply).toMatchObject({ status: 200, json: { eventCount: 2 } });
    expect(reply.headers.get('x-druid-task-id')).toBe(encodeURIComponent(id));
    const other = await receiver.push([], { 'content-type': 'application/json; charset=utf-8' });
    expect(other).toMatchObject({ status: 200, json: { eventCount: 0 } });
    expect((await receiver.push([], { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await receiver.get('/push-events')).status).toBe(405);
  });

  it('refuses other bodies with 500', async () => {
    const { receiver } = await start();
    const list = '`java.util.ArrayList<java.util.Map<java.lang.String,java.lang.Object>>`';
    const map = '`java.util.LinkedHashMap<java.lang.String,java.lang.Object>`';
    expect(await errorOf(receiver, '')).toEqual([500, 'No content to map due to end-of-input']);
    expect(await errorOf(receiver, '[{"t":')).toEqual([
      500,
      expect.stringContaining('Unexpected end-of-input') as string,
    ]);
    expect(await errorOf(receiver, '{"t":1}')).toEqual([
      500,
      `Cannot deserialize value of type ${list} from Object value (token \`JsonToken.START_OBJECT\`)`,
    ]);
    expect(await errorOf(receiver, '[1]')).toEqual([
      500,
      `Cannot deserialize value of type ${map} from Integer value (token \`JsonToken.VALUE_NUMBER_INT\`)`,
    ]);
  });

  it('takes none of the events when the time of one cannot be read', async () => {
    const { druid, dataSource, receiver, start: hour } = await start();
    const cases: readonly (readonly [bad: unknown, shown: string])[] = [
      [{ t: 'yesterday', d: 1 }, 'Timestamp[yesterday] is unparseable! Event: {t=yesterday, d=1}'],
      [{ d: 1 }, 'Timestamp[null] is unparseable! Event: {d=1}'],
      [{ t: null }, 'Timestamp[null] is unparseable! Event: {t=null}'],
      [null, 'Timestamp[null] is unparseable! Event: null'],
    ];
    for (const [bad, shown] of cases) {
      const { status, text } = await receiver.push([{ t: hour, d: 'good' }, bad]);
      expect([status, text]).toEqual([500, expect.stringContaining(shown) as string]);
    }
    await receiver.push([{ t: hour, d: 'after' }]);
    expect(await druid.countUntil(dataSource, 1)).toBe(1);
    expect(await druid.sql(`SELECT d FROM "${dataSource}" GROUP BY 1`)).toEqual([{ d: 'after' }]);
  });

  it('is not that of another task', async () => {
    const { druid, receiver, id, serviceName } = await start();
    expect(await receiver.push([], { 'x-druid-task-id': 'other' })).toMatchObject({
      status: 400,
      json: { error: `Requested taskId[other] doesn't match with taskId[${id}]` },
    });
    expect((await receiver.push([], { 'x-druid-task-id': encodeURIComponent(id) })).status).toBe(200);
    const { location } = (await druid.status(id)) as { location: { port: number } };
    const stranger = await fetch(`http://127.0.0.1:${location.port}/druid/worker/v1/chat/x${serviceName}/push-events`, {
      method: 'POST',
      body: '[]',
      headers: { 'content-type': 'application/json' },
    });
    expect([stranger.status, await stranger.json()]).toEqual([
      400,
      { error: `Can't find chatHandler for handler[x${serviceName}]` },
    ]);
  });

  it('skips what a producer numbers as done, even if it failed', async () => {
    const { druid, dataSource, receiver, start: hour } = await start();
    const push = async (rows: unknown, sequence?: string) => {
      const numbered = sequence === undefined ? {} : { 'x-firehose-producer-seq': sequence };
      const { status, json } = await receiver.push(rows, { 'x-firehose-producer-id': 'p', ...numbered });
      return [status, json];
    };
    expect(await push([])).toEqual([400, { error: 'Producer sequence value is missing' }]);
    expect(await push([], 'x')).toEqual([400, { error: 'Producer sequence must be a number' }]);
    expect(await push([{ t: hour }], '7')).toEqual([200, { eventCount: 1 }]);
    expect(await push([{ t: hour }], '7')).toEqual([200, { eventCount: 0, skipped: true }]);
    expect(await push([{ t: hour }], '6')).toEqual([200, { eventCount: 0, skipped: true }]);
    expect((await push('[', '9'))[0]).toBe(500);
    expect(await push([{ t: hour }], '9')).toEqual([200, { eventCount: 0, skipped: true }]);
    expect(await push([{ t: hour }], '10')).toEqual([200, { eventCount: 1 }]);
    expect(await druid.countUntil(dataSource, 2)).toBe(2);
  });

  it('shuts off when it is told, after which the task publishes and ends well', async () => {
    const { druid, dataSource, receiver, id, serviceName, start: hour } = await start();
    await receiver.push([{ t: hour, d: 'x' }]);
    expect(await receiver.shutdown('?shutoffTime=garbage')).toMatchObject({
      status: 400,
      json: { error: 'Invalid format: "garbage"' },
    });
    expect((await receiver.shutdown()).status).toBe(200);
    // It is closed a moment after it has answered; what it takes meanwhile may or may not be published.
    let taken = 0;
    const late = await druid.until(
      async () => {
        const reply = await receiver.push([{ t: hour }]).catch(() => undefined);
        if (reply?.status === 200) taken++;
        return reply;
      },
      (reply) => reply?.status !== 200,
    );
    // Between the closing of its firehose and of its port it says one thing or the other.
    if (late !== undefined) {
      const words = `Can't find chatHandler for handler[${serviceName}]`;
      const known = [words, 'Cannot add events to closed firehose!'].some((text) => late.text.includes(text));
      expect({ status: late.status, words: known ? 'known' : late.text }).toEqual({
        status: expect.toBeOneOf([400, 500]) as number,
        words: 'known',
      });
    }
    const ended = await druid.until(
      () => druid.status(id),
      ({ statusCode }) => statusCode !== 'RUNNING',
    );
    expect(ended).toMatchObject({ statusCode: 'SUCCESS', errorMsg: null });
    const published = await druid.countUntil(dataSource, 1 + taken);
    expect(published).toBeGreaterThanOrEqual(1);
    expect(published).toBeLessThanOrEqual(1 + taken);
    const segments = await druid.until(
      async () => (await druid.get(`/druid/coordinator/v1/metadata/datasources/${dataSource}/segments`)).json,
      (found) => Array.isArray(found) && found.length > 0,
    );
    const interval = `${iso(hour)}_${iso(hour + 60 * minute)}`;
    expect(segments).toEqual([expect.stringMatching(`^${dataSource}_${interval}_[^_]+$`)]);
    expect((await druid.get(`/druid/indexer/v1/task/${id}/reports`)).status).toBe(404);
  });
}
