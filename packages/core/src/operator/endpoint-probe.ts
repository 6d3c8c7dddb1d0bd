import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { serverText } from '../config/connect-string.js';
import type { PropertyValues } from '../config/properties.js';
import { messageOf } from '../errors/tranquility-error.js';
import { endpointAddress } from '../pull/pull-settings.js';
import { failure, ok, warning, type Finding } from './finding.js';

/**
 * Whether the endpoint can listen, and be reached by Druid as far as addresses tell.
 * @param readers the hosts of overlords and workers.
 * @param writer who has the journal open: that process listens already.
 */
export async function probeEndpoint(
  properties: PropertyValues,
  readers: readonly string[],
  writer: string | undefined,
): Promise<Finding[]> {
  const address = endpointAddress(properties);
  const listen = { host: properties['pull.endpoint.host'], port: properties['pull.endpoint.port'] };
  const place = serverText(listen);
  const findings: Finding[] = [];
  try {
    if (listen.port === 0) findings.push(ok('endpoint', `${listen.host} is listened on at any port that is free.`));
    else if (writer !== undefined)
      findings.push(ok('endpoint', `${writer}, which has the journal open, listens there.`));
    else {
      await tryToListen(listen);
      findings.push(ok('endpoint', `${place} is free; Druid is told to read from ${serverText(address)}.`));
    }
  } catch (error) {
    const remedy =
      'Choose another pull.endpoint.port, or see who uses it; pull.endpoint.host is an address of this machine.';
    findings.push(failure('endpoint', `The endpoint cannot listen at ${place}: ${messageOf(error)}.`, remedy));
  }
  return [...findings, ...(await judgeReach(address.host, readers))];
}

async function tryToListen(where: { readonly host: string; readonly port: number }): Promise<void> {
  const server = createServer();
  server.listen(where);
  await once(server, 'listening');
  await new Promise((resolve) => server.close(resolve));
}

/** A loopback address leads each reader to its own machine. */
async function judgeReach(host: string, readers: readonly string[]): Promise<Finding[]> {
  if (!isLoopback(host)) return [];
  const here = await Promise.all([...new Set(readers)].map(async (reader) => ((await isHere(reader)) ? [] : [reader])));
  const elsewhere = here.flat();
  if (elsewhere.length === 0) return [];
  return [
    warning(
      'endpoint',
      `Druid is told to read from ${host}, but ${elsewhere.slice(0, 3).join(', ')} ${elsewhere.length === 1 ? 'is' : 'are'} not on this machine, and would look for us on their own.`,
      'Set pull.endpoint.host to an address that Druid reaches, or to 0.0.0.0, and pull.endpoint.advertised to how it reaches it.',
    ),
  ];
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

/** Whether a name is one of this machine. One that leads nowhere is of no other machine. */
async function isHere(host: string): Promise<boolean> {
  if (isLoopback(host)) return true;
  const own = new Set(Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []));
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.every(({ address }) => isLoopback(address) || own.has(address));
}
