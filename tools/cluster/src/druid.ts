import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { druidPort, kindOf } from './druid-properties.js';
import type { DruidServiceName, DruidSettings } from './druid-properties.js';
import { tryGet, tryPostJson } from './http.js';
import { quickStart } from './java.js';
import type { Jars } from './jars.js';
import type { ServerDefinition } from './server.js';

const log4jConfiguration = fileURLToPath(new URL('../conf/log4j2.xml', import.meta.url));

// What Druid's own start script opens for Java 17.
const opens = [
  '--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/java.io=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
  '--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED',
];

const heap: Record<DruidServiceName, string> = {
  coordinator: '512m',
  broker: '512m',
  historical: '512m',
  router: '256m',
  middleManager: '192m',
  middleManager2: '192m',
  indexer: '1500m',
};

/** Flags of a peon's JVM. `classSharing` is about class data: an archive to use, or a list to write. */
export function peonFlags(directory: string, classSharing: readonly string[]): string[] {
  return ['-Xms128m', '-Xmx512m', '-XX:MaxDirectMemorySize=400m', ...jvmFlags(directory, classSharing)];
}

/** A server of Druid, whose configuration is in `runtime.properties` of its folder. */
export function druidServer(
  settings: DruidSettings,
  name: DruidServiceName,
  jars: Jars,
  classSharing: readonly string[],
): ServerDefinition {
  return {
    name,
    address: `http://127.0.0.1:${druidPort(settings, name)}`,
    args: [
      '-Xms128m',
      `-Xmx${heap[name]}`,
      '-XX:MaxDirectMemorySize=1g',
      ...jvmFlags(settings.directory, classSharing),
      // The configuration is found in the working directory. A folder on the class path would rule out class archives.
      '-cp',
      jars.files.join(':'),
      'org.apache.druid.cli.Main',
      'server',
      kindOf(name),
    ],
    // Coordinator and broker wait five seconds for the servers of data that are there when they start.
    after: name === 'historical' || name === 'indexer' ? ['coordinator', 'broker'] : [],
    isHealthy: () => isHealthy(settings, name),
  };
}

function jvmFlags(directory: string, classSharing: readonly string[]): string[] {
  return [
    ...quickStart,
    ...classSharing,
    '-Duser.timezone=UTC',
    '-Dfile.encoding=UTF-8',
    `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
    `-Dlog4j2.configurationFile=${log4jConfiguration}`,
    ...opens,
  ];
}

async function isHealthy(settings: DruidSettings, name: DruidServiceName): Promise<boolean> {
  const url = (service: DruidServiceName) => `http://127.0.0.1:${druidPort(settings, service)}`;
  if ((await tryGet(`${url(name)}/status/health`)) !== 'true') return false;
  switch (name) {
    case 'coordinator': {
      // Its own URL as the leader's means nothing yet: after a kill that is what the dead one left in ZooKeeper.
      const isLeader = [
        await tryGet(`${url(name)}/druid/coordinator/v1/isLeader`),
        await tryGet(`${url(name)}/druid/indexer/v1/isLeader`),
      ].every((answer) => answer?.includes('true'));
      return isLeader && (await tryGet(`${url(name)}/druid/indexer/v1/workers`)) !== undefined;
    }
    case 'router':
      return (await tryPostJson(`${url(name)}/druid/v2/sql`, { query: 'SELECT 1' })) !== undefined;
    case 'middleManager':
    case 'middleManager2':
    case 'indexer': {
      const workers = await tryGet(`${url('coordinator')}/druid/indexer/v1/workers`);
      return workers?.includes(`127.0.0.1:${druidPort(settings, name)}`) ?? false;
    }
    case 'broker':
    case 'historical':
      return true;
  }
}
