import { apis, produceAsListed, type Api } from './apis.js';
import { kafkaErrors } from './kafka-errors.js';
import type { Request } from './request.js';
import { WireWriter } from './wire-writer.js';

/**
 * What is spoken here. To a version that is not, the answer has the form of version 0 and an error; clients then ask again with
 * the newest that it lists.
 */
export function answerApiVersions({ version }: Request, withSasl: boolean): WireWriter {
  const isSpoken = version >= apis.apiVersions.oldest && version <= apis.apiVersions.newest;
  const inVersion = isSpoken ? version : 0;
  const { saslHandshake, saslAuthenticate, ...always } = apis;
  const listed: Api[] = [produceAsListed, ...Object.values(always)];
  if (withSasl) listed.push(saslHandshake, saslAuthenticate);
  const writer = new WireWriter(inVersion >= apis.apiVersions.flexibleFrom);
  writer.int16(isSpoken ? kafkaErrors.none : kafkaErrors.unsupportedVersion);
  writer.array(listed, ({ key, oldest, newest }) => writer.int16(key).int16(oldest).int16(newest).tags());
  if (inVersion >= 1) writer.int32(0);
  return writer.tags();
}
