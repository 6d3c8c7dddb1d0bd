import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PortTakenError, Server } from '../src/server.js';
import { exists, fakeTool, testContext, until } from './support.js';

async function fakeServer(script: string, timeoutMillis = 10_000) {
  await fakeTool('java', script);
  const context = await testContext();
  mkdirSync(join(context.directory, 'broker'));
  const isHealthy = (freshLog: () => string) => Promise.resolve(freshLog().includes('at your service'));
  const definition = { name: 'broker', address: 'http://127.0.0.1:1', args: [], isHealthy } as const;
  const server = new Server(context, definition, timeoutMillis);
  onTestFinished(() => server.killGroups());
  return server;
}

function pidOf(server: Server): number {
  if (server.pid === undefined) throw new Error('The server does not run.');
  return server.pid;
}

test('starts, stops and starts again', async () => {
  const server = await fakeServer('echo at your service; exec sleep 1000');
  await server.start();
  const first = pidOf(server);
  await expect(server.start()).rejects.toThrow(/runs already, as process/);
  await server.stop();
  expect([server.pid, exists(first)]).toEqual([undefined, false]);
  await server.stop();
  await server.start();
  expect(pidOf(server)).not.toBe(first);
  await server.kill();
  expect(server.pid).toBeUndefined();
});

test('stops a paused server', async () => {
  const server = await fakeServer('echo at your service; exec sleep 1000');
  await server.start();
  server.pause();
  await server.stop();
  expect(server.pid).toBeUndefined();
});

test('remembers what a killed server leaves behind', async () => {
  const server = await fakeServer('sleep 1000 & echo at your service; wait');
  await server.start();
  const group = pidOf(server);
  await server.kill();
  expect(server.livingGroups).toEqual([group]);
  await server.killGroups();
  await until('the group is gone', () => server.livingGroups.length === 0);
});

test('fails with the end of the log when the server ends early', async () => {
  const server = await fakeServer('echo the reason; exit 4');
  await expect(server.start()).rejects.toThrow(
    /^The broker ended before it was healthy \(exit code 4\)\.\nThe end of its log, .*\/broker\/server\.log:\nthe reason$/,
  );
});

test('tells a taken port from other failures', async () => {
  const server = await fakeServer('echo java.net.BindException: Address already in use; exit 1');
  await expect(server.start()).rejects.toBeInstanceOf(PortTakenError);
});

test('gives a server up that does not become healthy', async () => {
  const server = await fakeServer('echo busy; exec sleep 1000', 300);
  await expect(server.start()).rejects.toThrow(/was not healthy after 0 s[^]*busy/);
  expect(server.pid).toBeUndefined();
});
