import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cacheDirectory } from '../../cluster/src/cache.js';
import { jarsIn, pickJars } from '../../cluster/src/jars.js';
import type { TestAuthority } from './test-authority.js';

/** A ZooKeeper that speaks TLS only, and only to those who have a certificate. */
export interface TlsZooKeeper {
  /** `localhost:PORT` */
  readonly connect: string;
  stop(): Promise<void>;
}

/** Starts one on a free port. It is up when the first client gets through. Its files are in the authority's directory. */
export async function startTlsZooKeeper(authority: TestAuthority): Promise<TlsZooKeeper> {
  const { directory, password } = authority;
  const { storePath } = await authority.issue('zookeeper', 'san=dns:localhost');
  const port = await freePort();
  const config = [
    'tickTime=500',
    `dataDir=${join(directory, 'data')}`,
    `secureClientPort=${port}`,
    'secureClientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `ssl.keyStore.location=${storePath}`,
    `ssl.keyStore.password=${password}`,
    `ssl.trustStore.location=${authority.caPath}`,
    'ssl.clientAuth=need',
  ];
  await writeFile(join(directory, 'zoo.cfg'), config.join('\n'));
  const jars = pickJars(await jarsIn(join(cacheDirectory(), 'druid-28.0.0')), ['zookeeper-', 'slf4j-api-', 'netty-']);
  const flags = [
    '-Xmx128m',
    `-Djava.io.tmpdir=${directory}`,
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-cp',
    jars.join(':'),
  ];
  const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  const server = spawn('java', [...flags, main, join(directory, 'zoo.cfg')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  return {
    connect: `localhost:${port}`,
    async stop() {
      server.kill('SIGKILL');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
