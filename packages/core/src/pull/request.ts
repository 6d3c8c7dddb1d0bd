import { apiOf, apis, type ApiName } from './apis.js';
import { WireReader } from './wire-reader.js';

/** A request whose header has been read. */
export interface Request {
  readonly api: ApiName;
  readonly version: number;
  readonly correlationId: number;
  readonly flexible: boolean;
  /** Reads what follows the header. */
  readonly body: WireReader;
}

/**
 * Reads the header of a request. An ApiVersions of a version that is not spoken is one all the same: its answer says so.
 * @throws RangeError when it is none that is served.
 */
export function readRequest(frame: Buffer): Request {
  const header = new WireReader(frame, false);
  const key = header.int16();
  const version = header.int16();
  const correlationId = header.int32();
  const api = apiOf(key);
  if (api === undefined) throw new RangeError(`it asks for the api ${key}, which is not served`);
  const { oldest, newest, flexibleFrom } = apis[api];
  if ((version < oldest || version > newest) && api !== 'apiVersions') {
    throw new RangeError(`it asks for ${api} in version ${version}, and ${oldest} to ${newest} are served`);
  }
  const flexible = version >= flexibleFrom;
  header.nullableString();
  const body = new WireReader(frame, flexible, header.position);
  body.tags();
  return { api, version, correlationId, flexible, body };
}

/** Starts an answer: only ApiVersions has a header without tagged fields in its flexible versions. */
export const headerHasTags = ({ api, flexible }: Request): boolean => flexible && api !== 'apiVersions';
