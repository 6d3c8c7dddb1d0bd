import { connect } from 'node:net';
import { join } from 'node:path';
import { quickStart } from './java.js';
import { pickJars } from './jars.js';
import type { Jars } from './jars.js';
import type { ServerDefinition } from './server.js';

// With all of Druid's jars the start takes seconds instead of a fraction of one: log4j looks at each of them.
// From 3.6 on ZooKeeper needs metrics, and snappy as soon as there is a session.
const neededJars = ['zookeeper-', 'slf4j-api-', 'netty-', 'metrics-core-', 'snappy-java-'];

/** What a ZooKeeper server needs to know. */
export interface ZookeeperSettings {
  /** Its own directory, which exists. */
  readonly directory: string;
  readonly port: number;
}

/** The text of `zoo.cfg`. */
export function zookeeperConfig(settings: ZookeeperSettings): string {
  return [
    // Half a second allows client sessions as short as one second.
    'tickTime=500',
    'maxSessionTimeout=60000',
    `dataDir=${join(settings.directory, 'data')}`,
    `clientPort=${settings.port}`,
    'clientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    'maxClientCnxns=0',
    '4lw.commands.whitelist=ruok,srvr,cons,dump',
    '',
  ].join('\n');
}

/** A ZooKeeper that runs on the jars of Druid, whose configuration is in `zoo.cfg` of its directory. */
export function zookeeperServer(settings: ZookeeperSettings, jars: Jars): ServerDefinition {
  return {
    name: 'zookeeper',
    address: `127.0.0.1:${settings.port}`,
    args: [
      ...quickStart,
      '-Xmx128m',
      `-Djava.io.tmpdir=${settings.directory}`,
      '-cp',
      pickJars(jars, neededJars).join(':'),
      'org.apache.zookeeper.server.ZooKeeperServerMain',
      join(settings.directory, 'zoo.cfg'),
    ],
    isHealthy: async () => (await fourLetterWord(settings.port, 'ruok')) === 'imok',
  };
}

/** ZooKeeper's answer to one of its four letter commands; an empty string when there is none. */
function fourLetterWord(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setEncoding('utf8');
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('connect', () => socket.write(word));
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve(answer);
    });
  });
}
