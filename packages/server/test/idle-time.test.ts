import { expect, it } from 'vitest';
import { idleMillisOf } from '../src/idle-time.js';
import { loadServerConfig } from '../src/server-config.js';
import { config } from './support/clicks.js';

it.each([
  ['PT1M', 60_000],
  ['PT0S', 72_000],
  ['PT-5M', 72_000],
  ['P-1D', 72_000],
])('takes an http.idleTimeout of %s, as Tranquility does', async (text, millis) => {
  const { program } = await loadServerConfig(config('http://127.0.0.1:9', { 'http.idleTimeout': text }));
  expect(idleMillisOf(program)).toBe(millis);
});
