import type { DataSourceConfig } from '../config/config.js';
import { describe } from '../druid/describe.js';
import type { Worker } from '../druid/worker.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { parseJsonObject } from '../spec/json.js';
import { laneFor, type Lane } from '../lane/choose-lane.js';
import { judgeCapacity } from './capacity.js';
import { ask, type Cluster } from './cluster.js';
import { failure, ok, warning, type Finding } from './finding.js';
import { judgeVersion } from './judge-version.js';
import { probePull } from './pull-probe.js';
import { probeRelays } from './relay-probe.js';

/** Whether each address is that of an overlord, one of them leads to the leader, and Druid can run our tasks or read from us. */
export async function probeOverlord(cluster: Cluster, timeout: number): Promise<Finding[]> {
  const signal = AbortSignal.timeout(timeout);
  let urls: readonly string[];
  try {
    urls = await cluster.addresses.find(signal);
  } catch (error) {
    const { place, remedy } = cluster.addresses;
    const why = signal.aborted ? `nothing within ${timeout / 1000} s` : messageOf(error);
    return [failure('overlord', `No overlord is found at ${place}: ${why}.`, remedy)];
  }
  const answers = await Promise.all(urls.map((url) => probeAddress(cluster, url, timeout)));
  return [...mildly(answers), ...(await probeLeader(cluster, timeout))];
}

/** Where one overlord answers, another that does not is no more than a warning. */
function mildly(answers: readonly Finding[]): readonly Finding[] {
  const isOneThere = answers.some(({ status }) => status === 'ok');
  return isOneThere ? answers.map((each) => (each.status === 'ok' ? each : { ...each, status: 'warning' })) : answers;
}

async function probeAddress({ http }: Cluster, origin: string, timeout: number): Promise<Finding> {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await http.request({ origin, method: 'GET', path: '/druid/indexer/v1/isLeader', timeout, signal });
    const { leader } = parseJsonObject(response.text) ?? {};
    if (typeof leader === 'boolean') {
      return ok('overlord', `${origin} answers${leader ? ', and leads' : '; another one leads'}.`);
    }
    return failure(
      'overlord',
      `${origin} does not answer as an overlord does: ${describe(response)}.`,
      'Give the address of an overlord, of a coordinator with an overlord in it, or of a router with the management proxy.',
    );
  } catch (error) {
    const why = signal.aborted ? `nothing within ${timeout / 1000} s` : messageOf(error);
    const remedy = 'Check druid.overlord.urls, that the server runs, and that it can be reached from here.';
    return failure('overlord', `${origin} does not answer: ${why}.`, remedy);
  }
}

async function probeLeader(cluster: Cluster, timeout: number): Promise<Finding[]> {
  try {
    const about = await ask(cluster, timeout, (overlord, patience) => overlord.about(patience));
    const leader = await ask(cluster, timeout, (overlord, patience) => overlord.leader(patience));
    const found = [ok('leader', `${leader} leads.`), ok('auth', accepted(cluster))];
    const workers = await askForWorkers(cluster, timeout);
    const capacity = 'failed' in workers ? [workers.failed] : judgeCapacity(cluster.dataSources, workers.known);
    const laned = await ask(cluster, timeout, (overlord, patience) =>
      Promise.all(
        cluster.dataSources.map(async (config) => ({ config, choice: await laneFor(config, overlord, patience) })),
      ),
    );
    const on = (lane: Lane): DataSourceConfig[] =>
      laned.filter(({ choice }) => choice.lane === lane).map(({ config }) => config);
    return [
      ...found,
      ...judgeVersion(laned, about),
      ...capacity,
      ...(await probePull(cluster, on('pull'), 'failed' in workers ? [] : workers.known, timeout)),
      ...(await probeRelays(on('realtime').filter(({ properties }) => properties['realtime.journal']))),
    ];
  } catch (error) {
    const isRefused = error instanceof TranquilityError && [401, 403].includes(Number(error.details['status']));
    return [failure(isRefused ? 'auth' : 'leader', messageOf(error))];
  }
}

function accepted({ dataSources, http }: Cluster): string {
  const user = dataSources[0]?.properties['druidBeam.basicAuthUser'] ?? '';
  if (user !== '') return `The overlord takes the user ${user}.`;
  return http.sendsCredentials ? 'The overlord takes our credentials.' : 'The overlord answers without credentials.';
}

type KnownWorkers = { readonly known: readonly Worker[] } | { readonly failed: Finding };

async function askForWorkers(cluster: Cluster, timeout: number): Promise<KnownWorkers> {
  try {
    return { known: await ask(cluster, timeout, (overlord, patience) => overlord.workers(patience)) };
  } catch (error) {
    return { failed: warning('capacity', `The overlord does not tell of its workers: ${messageOf(error)}`) };
  }
}
