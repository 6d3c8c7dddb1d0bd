import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A schema registry for readers: it has these schemas, numbered from 1 on, for whoever gives the credentials. */
export async function serveSchemas(
  schemas: readonly object[],
  authorization: string,
): Promise<{ readonly url: string; hide: (isHidden: boolean) => void; [Symbol.asyncDispose]: () => Promise<void> }> {
  let isAway = false;
  const server = createServer((request, response) => {
    const schema = schemas[Number(request.url?.split('/').at(-1)) - 1];
    const isLetIn = request.headers.authorization === authorization;
    response.statusCode = isAway ? 503 : !isLetIn ? 401 : schema === undefined ? 404 : 200;
    const notThere = { error_code: 40403, message: 'Schema not found' };
    response.end(JSON.stringify(schema === undefined ? notThere : { schema: JSON.stringify(schema) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hide: (isHidden) => {
      isAway = isHidden;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A record of two longs, with the id of its schema before it, as Confluent's serializers write it. */
export function framedRecord(id: number, time: number, n: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, long(time), long(n)]);
}

/** A number in Avro: zigzag, seven bits a byte. */
function long(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value) * 2n;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
