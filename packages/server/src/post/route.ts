import type { Senders } from '../senders.js';
import type { Sender } from '@tranquility-js/core';
import type { Fault } from './post-report.js';
import { Problem } from './problem.js';

/** Whether a client may post to a dataSource. */
export type MayPost = (dataSource: string) => boolean;

type Event = Record<string, unknown> | Uint8Array;

/** Finds the sender of an event, or says why it has none. */
export type Route = (event: Event) => Sender | Fault;

/**
 * All events to one dataSource.
 * @throws Problem 400 when there is none of that name, 403 when the client may not post to it.
 */
export function routeTo(dataSource: string, senders: Senders, mayPost: MayPost): Route {
  const find = (): Sender | Fault => senderOf(dataSource, senders, mayPost);
  const first = find();
  if ('status' in first) throw new Problem(first.status, first.message);
  return find;
}

/** Each event to the dataSource that its field `dataSource`, or else `feed`, names. */
export function routeByField(senders: Senders, mayPost: MayPost): Route {
  return (event) => {
    const fields = event instanceof Uint8Array ? parse(event) : event;
    const name = Object.hasOwn(fields, 'dataSource')
      ? fields['dataSource']
      : Object.hasOwn(fields, 'feed')
        ? fields['feed']
        : undefined;
    if (typeof name !== 'string') return { status: 400, message: "Missing 'dataSource' or 'feed'" };
    return senderOf(name, senders, mayPost);
  };
}

function senderOf(dataSource: string, senders: Senders, mayPost: MayPost): Sender | Fault {
  if (!mayPost(dataSource))
    return { status: 403, message: `No right to post to dataSource '${printable(dataSource)}'` };
  return senders.get(dataSource) ?? { status: 400, message: `No definition for dataSource '${printable(dataSource)}'` };
}

/** A name that somebody else chose, fit for one line. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 200)).slice(1, -1).replaceAll('\\"', '"');
}

const parse = (event: Uint8Array): Record<string, unknown> =>
  JSON.parse(Buffer.from(event.buffer, event.byteOffset, event.byteLength).toString()) as Record<string, unknown>;
