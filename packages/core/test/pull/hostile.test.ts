import { MemoryLog, RawReader, requests, sendHostile } from '@tranquility-js/scripted-druid';
import { expect, it } from 'vitest';
import { Secret } from '../../src/config/secret.js';
import { Endpoint } from '../../src/pull/endpoint.js';
import { saslMechanisms } from '../../src/pull/sasl.js';

// The same by the million: `npm run bench -- fuzz`.
it.each([
  ['readers whom it knows', { users: new Map([['druid', new Secret('secret')]]), mechanisms: saslMechanisms }],
  ['everybody', undefined],
])('hostile frames end their own connections only, where it serves %s', async (_, sasl) => {
  const log = new MemoryLog();
  log.append(['a', 'b', 'c']);
  const topics = new Map([['flights', [{ leader: 0, log }]]]);
  const limits = { requestBytes: 4_096, fetchWait: 1, handshake: 600_000 };
  const endpoint = await Endpoint.start({ topics, limits, ...(sasl === undefined ? {} : { sasl }) });
  await using honest = new RawReader(endpoint.port);
  const tally = { answered: 0, refused: 0, unfinished: 0 };
  for (let part = 0; part < 10; part++) {
    await sendHostile(endpoint.port, 300, 33 + part, 'flights', tally);
    expect(await honest.ask(requests.apiVersions(3))).toBeDefined();
  }
  expect(tally.answered + tally.refused + tally.unfinished).toBe(3_000);
  expect(tally.refused).toBeGreaterThan(1_000);
  await expect.poll(() => endpoint.connections.open).toBe(1);
  await endpoint.close();
});
