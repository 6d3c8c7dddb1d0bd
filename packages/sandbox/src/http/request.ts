import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject } from '../json.js';

/** A request whose body has come in whole. */
export interface SandboxRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked if it was sent with gzip. */
  readonly body: Buffer;
}

/** @returns undefined when the body holds no JSON object. */
export function bodyObject(request: SandboxRequest): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(request.body.toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
