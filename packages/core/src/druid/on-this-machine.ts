import { hostname, networkInterfaces } from 'node:os';

/** Whether a process at this URL runs on this machine, as far as its name tells. */
export function isOnThisMachine(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (/^(127\.|::1$|localhost$)/.test(host) || host === hostname()) return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}
