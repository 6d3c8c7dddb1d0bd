import type { DataSourceConfig } from '../config/config.js';
import { Supervisors } from '../druid/supervisors.js';
import type { Worker } from '../druid/worker.js';
import { messageOf } from '../errors/tranquility-error.js';
import { ask, type Cluster } from './cluster.js';
import { probeEndpoint } from './endpoint-probe.js';
import { failure, ok, warning, type Finding } from './finding.js';
import { probeJournal } from './journal-probe.js';
import { supervisorReport } from './supervisor-report.js';

/**
 * Whether Druid can read dataSources from here: their supervisors, and each journal and endpoint that they share.
 * @param pulled those of the cluster that are on the lane pull.
 */
export async function probePull(
  cluster: Cluster,
  pulled: readonly DataSourceConfig[],
  workers: readonly Worker[],
  timeout: number,
): Promise<Finding[]> {
  const readers = [...(await cluster.addresses.find(AbortSignal.timeout(timeout))).map(hostOf), ...workers.map(hostOf)];
  const supervisors = await Promise.all(pulled.map((config) => probeSupervisor(cluster, config, timeout)));
  const ours = pulled.filter(({ properties }) => properties['pull.source'] === 'journal');
  const stations = new Map(ours.map(({ properties }) => [properties['journal.directory'], properties]));
  const local: Finding[] = [];
  for (const properties of stations.values()) {
    const { findings, writer } = await probeJournal(properties);
    local.push(...findings, ...(await probeEndpoint(properties, readers, writer)));
  }
  return [...supervisors, ...local];
}

/** Of an URL, or of `host:port`. */
function hostOf(place: string | Worker): string {
  const url = typeof place === 'string' ? place : `http://${place.host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : url;
}

async function probeSupervisor(cluster: Cluster, config: DataSourceConfig, timeout: number): Promise<Finding> {
  const { dataSource } = config;
  try {
    const found = await ask(cluster, timeout, (overlord, patience) =>
      supervisorReport(config, new Supervisors(overlord), [], patience),
    );
    if (found === undefined)
      return ok('supervisor', `${dataSource} has none so far, and gets one with its first event.`);
    const [alarm] = found.alarms;
    if (alarm?.reason === 'conflict') return failure('supervisor', alarm.message);
    if (alarm !== undefined) return warning('supervisor', alarm.message);
    if (found.suspendedBy === 'us') {
      return ok('supervisor', `${dataSource} has ours, which goes on when a process has the journal open.`);
    }
    return ok('supervisor', `${dataSource} has ours: ${found.state}.`);
  } catch (error) {
    return failure('supervisor', messageOf(error));
  }
}
