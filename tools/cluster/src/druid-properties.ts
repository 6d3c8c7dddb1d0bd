import { join } from 'node:path';

/** The servers that come from Druid's jars. */
export type DruidServiceName = 'coordinator' | 'broker' | 'historical' | 'router' | WorkerName;

/** Who runs tasks; the second middle manager only beside the first. */
type WorkerName = 'middleManager' | 'middleManager2' | 'indexer';

/** What the configuration of Druid's servers depends on. */
export interface DruidSettings {
  /** The cluster's directory. Every server has a folder of its name in it. */
  readonly directory: string;
  readonly worker: 'middleManager' | 'indexer';
  readonly workerCapacity: number;
  readonly ports: {
    readonly zookeeper: number;
    readonly derby: number;
    readonly coordinator: number;
    readonly broker: number;
    readonly historical: number;
    readonly router: number;
    readonly worker: number;
    /** One for each task that runs at the same time; empty for an Indexer. */
    readonly peons: readonly number[];
    /** Of the second middle manager, if there is one. */
    readonly worker2?: number;
    readonly peons2?: readonly number[];
  };
  /** The directory of extensions, and which of them are loaded. */
  readonly extensions: { readonly directory: string; readonly load: readonly string[] };
  /** Flags of each peon's JVM. */
  readonly peonFlags: readonly string[];
}

/** A server's port. */
export function druidPort(settings: DruidSettings, name: DruidServiceName): number {
  switch (name) {
    case 'middleManager':
    case 'indexer':
      return settings.ports.worker;
    case 'middleManager2':
      return settings.ports.worker2 ?? 0;
    case 'coordinator':
    case 'broker':
    case 'historical':
    case 'router':
      return settings.ports[name];
  }
}

/** What Druid calls this kind of server. */
export function kindOf(name: DruidServiceName): Exclude<DruidServiceName, 'middleManager2'> {
  return name === 'middleManager2' ? 'middleManager' : name;
}

/** The content of a server's `runtime.properties`. */
export function druidProperties(settings: DruidSettings, name: DruidServiceName): Record<string, string> {
  return {
    ...commonProperties(settings),
    'druid.service': `druid/${kindOf(name)}`,
    'druid.plaintextPort': String(druidPort(settings, name)),
    ...serviceProperties(settings)[name],
  };
}

/** Properties as the text of a `.properties` file. */
export function renderProperties(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}

function commonProperties({ directory, ports, extensions }: DruidSettings): Record<string, string> {
  const metadata = join(directory, 'coordinator', 'metadata');
  return {
    'druid.extensions.directory': extensions.directory,
    'druid.extensions.loadList': JSON.stringify(extensions.load),
    'druid.host': '127.0.0.1',
    'druid.bindOnHost': 'true',
    'druid.zk.service.host': `127.0.0.1:${ports.zookeeper}`,
    'druid.zk.paths.base': '/druid',
    // How long the cluster takes a killed server for alive.
    'druid.zk.service.sessionTimeoutMs': '10000',
    'druid.metadata.storage.type': 'derby',
    'druid.metadata.storage.connector.connectURI': `jdbc:derby://127.0.0.1:${ports.derby}/${metadata};create=true`,
    'druid.metadata.storage.connector.host': '127.0.0.1',
    'druid.metadata.storage.connector.port': String(ports.derby),
    'druid.storage.type': 'local',
    'druid.storage.storageDirectory': join(directory, 'deep-storage'),
    'druid.indexer.logs.type': 'file',
    'druid.indexer.logs.directory': join(directory, 'task-logs'),
    'druid.selectors.indexing.serviceName': 'druid/overlord',
    'druid.selectors.coordinator.serviceName': 'druid/coordinator',
    'druid.emitter': 'noop',
    'druid.startup.logging.logProperties': 'false',
    'druid.processing.numThreads': '1',
    'druid.processing.numMergeBuffers': '2',
    'druid.processing.buffer.sizeBytes': '25000000',
    'druid.server.http.numThreads': '20',
    'druid.server.http.gracefulShutdownTimeout': 'PT2S',
    // A server that asks for lookups before the coordinator is up waits a minute.
    'druid.lookup.enableLookupSyncOnStartup': 'false',
    // A task asks this often whether the historical has its segment.
    'druid.segment.handoff.pollDuration': 'PT1S',
  };
}

function serviceProperties(settings: DruidSettings): Record<DruidServiceName, Record<string, string>> {
  const { directory, ports, workerCapacity } = settings;
  const worker = (folder: string) => ({
    'druid.worker.capacity': String(workerCapacity),
    'druid.indexer.task.baseTaskDir': join(directory, folder),
    'druid.indexer.task.restoreTasksOnRestart': 'true',
    'druid.indexer.task.gracefulShutdownTimeout': 'PT15S',
  });
  const middleManager = (folder: string, peons: readonly number[]) => ({
    ...worker(folder),
    'druid.indexer.runner.ports': JSON.stringify(peons),
    'druid.indexer.runner.javaOptsArray': JSON.stringify(settings.peonFlags),
  });
  return {
    coordinator: {
      'druid.coordinator.asOverlord.enabled': 'true',
      'druid.coordinator.asOverlord.overlordService': 'druid/overlord',
      'druid.coordinator.startDelay': 'PT1S',
      'druid.coordinator.period': 'PT2S',
      'druid.coordinator.period.indexingPeriod': 'PT2S',
      'druid.manager.segments.pollDuration': 'PT1S',
      'druid.manager.rules.pollDuration': 'PT2S',
      'druid.manager.lookups.threadPoolSize': '2',
      'druid.indexer.queue.startDelay': 'PT0S',
      'druid.indexer.runner.type': 'httpRemote',
      'druid.indexer.runner.taskCleanupTimeout': 'PT1M',
      // A worker that dies as it is given a task is given no others until then.
      'druid.indexer.runner.taskAssignmentTimeout': 'PT1M',
      'druid.indexer.storage.type': 'metadata',
    },
    broker: {
      'druid.broker.cache.useCache': 'false',
      'druid.broker.http.numConnections': '5',
      'druid.sql.planner.metadataRefreshPeriod': 'PT1S',
    },
    historical: {
      'druid.server.maxSize': '10000000000',
      'druid.segmentCache.locations': JSON.stringify([
        { path: join(directory, 'segment-cache'), maxSize: 10_000_000_000 },
      ]),
    },
    router: {
      'druid.router.defaultBrokerServiceName': 'druid/broker',
      'druid.router.coordinatorServiceName': 'druid/coordinator',
      'druid.router.managementProxy.enabled': 'true',
      'druid.router.http.numConnections': '20',
    },
    middleManager: middleManager('tasks', ports.peons),
    middleManager2: middleManager('tasks2', ports.peons2 ?? []),
    indexer: { ...worker('tasks'), 'druid.processing.numThreads': '2' },
  };
}
