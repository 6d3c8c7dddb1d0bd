import { hostileFrames, MemoryLog, RawReader, requests } from '@tranquility-js/scripted-druid';
import { expect, it } from 'vitest';
import { Secret } from '../../src/config/secret.js';
import { Endpoint } from '../../src/pull/endpoint.js';

// The same by the million: `npm run bench -- fuzz`.
it.each([
  ['readers whom it knows', { users: new Map([['druid', new Secret('secret')]]) }],
  ['everybody', undefined],
])('hostile frames end their own connections only, where it serves %s', async (_, sasl) => {
  const log = new MemoryLog();
  log.append(['a', 'b', 'c']);
  const topics = new Map([['flights', [{ leader: 0, log }]]]);
  const limits = { requestBytes: 4_096, fetchWait: 1, transfer: 1_000, handshake: 1_000 };
  const endpoint = await Endpoint.start({ topics, limits, ...(sasl === undefined ? {} : { sasl }) });
  await using honest = new RawReader(endpoint.port);
  const frames = hostileFrames(33, 'flights');
  for (let sent = 0; sent < 3_000;) {
    await using hostile = new RawReader(endpoint.port);
    for (let burst = 0; burst < 10 && !hostile.isClosed; burst++, sent++) await hostile.send(frames.next().value);
    if (sent % 300 === 0) expect(await honest.ask(requests.apiVersions(3))).toBeDefined();
  }
  expect(endpoint.connections.refused).toBeGreaterThan(100);
  expect(await honest.ask(requests.apiVersions(3))).toBeDefined();
  await expect.poll(() => endpoint.connections.open).toBe(1);
  await endpoint.close();
});
