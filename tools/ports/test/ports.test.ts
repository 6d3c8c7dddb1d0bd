import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts, releasePorts } from '../src/index.js';

test('finds different ports that can be listened on', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await new Promise((resolve) => server.close(resolve));
  }
  releasePorts(ports);
});

test('stays below the ports that outgoing connections get', async () => {
  const ports = await freePorts(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  releasePorts(ports);
});

test('hands out no port twice at the same time', async () => {
  const [first, second] = await Promise.all([freePorts(200), freePorts(200)]);
  expect(new Set([...first, ...second]).size).toBe(400);
  releasePorts([...first, ...second]);
});
