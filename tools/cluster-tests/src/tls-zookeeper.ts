import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../cluster/src/cache.js';
import { jarsIn, pickJars } from '../../cluster/src/jars.js';
import { temporaryDirectory } from './temporary.js';

const run = promisify(execFile);
const password = 'of-no-worth';

/** A ZooKeeper that speaks TLS only. */
export interface TlsZooKeeper {
  /** `localhost:PORT` */
  readonly connect: string;
  /** Its certificate, which signs itself. */
  readonly ca: string;
  stop(): void;
}

/** Starts one on a free port. It is up when the first client gets through. */
export async function startTlsZooKeeper(): Promise<TlsZooKeeper> {
  const directory = await temporaryDirectory('tls-zookeeper');
  const store = join(directory, 'server.p12');
  const keytool = (...args: string[]): Promise<{ stdout: string }> =>
    run('keytool', [...args, '-alias', 'zookeeper', '-keystore', store, '-storepass', password]);
  await keytool(
    ...['-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', '-dname', 'CN=localhost', '-ext', 'san=dns:localhost'],
  );
  const certificate = join(directory, 'server.pem');
  await keytool('-exportcert', '-rfc', '-file', certificate);
  const port = await freePort();
  const config = [
    'tickTime=500',
    `dataDir=${join(directory, 'data')}`,
    `secureClientPort=${port}`,
    'secureClientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `ssl.keyStore.location=${store}`,
    `ssl.keyStore.password=${password}`,
    `ssl.trustStore.location=${certificate}`,
    'ssl.clientAuth=none',
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
  return { connect: `localhost:${port}`, ca: await readFile(certificate, 'utf8'), stop: () => server.kill('SIGKILL') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
