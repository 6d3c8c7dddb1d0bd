import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from './problem.js';

/** What a body is. */
export type BodyFormat = 'json' | 'ndjson' | 'smile' | 'text';

/** How a body is packed. */
export type Packing = 'none' | 'gzip' | 'deflate' | 'br' | 'zstd';

/** What a POST asks for, apart from its body and its dataSource. */
export interface RequestForm extends PostParameters {
  readonly format: BodyFormat;
  readonly packing: Packing;
}

/** What stands behind the `?`. */
export interface PostParameters {
  /** Whether to answer when the events are taken, rather than when they are sent. */
  readonly isAsync: boolean;
  /** Whether to look at all events before any is sent, and send none when one of them is bad. */
  readonly isStrict: boolean;
}

const formats: Readonly<Record<string, BodyFormat>> = {
  'application/json': 'json',
  'application/x-jackson-smile': 'smile',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'text/plain': 'text',
};

const packings: Readonly<Record<string, Packing>> = {
  '': 'none',
  identity: 'none',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

/** For a content type that is another one, or none. */
export const unknownType = (): Problem =>
  new Problem(400, 'Expected contentType application/json, application/x-jackson-smile, or text/plain');

/**
 * Reads what a POST asks for.
 * @param query the text behind the `?`.
 * @param hasDataSource whether the URL names one.
 * @throws Problem 400, in Tranquility's words.
 */
export function readRequestForm(headers: IncomingHttpHeaders, query: string, hasDataSource: boolean): RequestForm {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined;
  if (format === undefined) throw unknownType();
  if (format === 'text' && !hasDataSource) {
    throw new Problem(400, 'Must include dataSource in URL for contentType[text/plain]');
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  const packing = Object.hasOwn(packings, encoding) ? packings[encoding] : undefined;
  if (packing === undefined) throw new Problem(400, 'Unrecognized request Content-Encoding');
  return { format, packing, ...readParameters(query) };
}

/** @throws Problem 400 for what is neither true nor false. */
export function readParameters(query: string): PostParameters {
  const parameters = new URLSearchParams(query);
  return {
    // An empty `async` is false, as Tranquility has it; who writes `?strict` means it.
    isAsync: readTruth(parameters.get('async') ?? 'false', 'false'),
    isStrict: readTruth(parameters.get('strict') ?? 'false', 'true'),
  };
}

function readTruth(text: string, ifEmpty: string): boolean {
  const value = text === '' ? ifEmpty : text.toLowerCase();
  if (['true', '1', 'yes'].includes(value)) return true;
  if (['false', '0', 'no'].includes(value)) return false;
  throw new Problem(400, 'Expected true or false');
}
