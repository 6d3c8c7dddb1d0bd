import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { randomInt } from 'node:crypto';

// Below the ports that systems give to outgoing connections (Linux from 32768, macOS from 49152). A server's port must
// stay free while that server is stopped, and a client that tries to reach it meanwhile could be given that very port.
const lowest = 20_000;
const highest = 32_000;
const attempts = 500;

const handedOut = new Set<number>();

/**
 * Finds free TCP ports of 127.0.0.1. Nothing holds them afterwards, but this process does not hand out a port twice.
 *
 * @throws Error when too few ports are free.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count; attempt++) {
      if (attempt >= attempts + count) {
        throw new Error(`Found only ${ports.length} of ${count} free ports of 127.0.0.1 from ${lowest} to ${highest}.`);
      }
      const port = randomInt(lowest, highest);
      if (handedOut.has(port)) continue;
      const server = await listen(port);
      if (server === undefined) continue;
      servers.push(server);
      ports.push(port);
      handedOut.add(port);
    }
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return ports;
}

/** Finds one; see {@link freePorts}. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new RangeError('There is no port.');
  return port;
}

/** Lets {@link freePorts} hand these out again. */
export function releasePorts(ports: Iterable<number>): void {
  for (const port of ports) handedOut.delete(port);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      resolve(server);
    });
  });
}
