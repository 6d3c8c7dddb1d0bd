import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { PropertyValues } from '../config/properties.js';
import type { PushBody } from '../druid/task-client.js';
import { withMillis } from '../event/event-reader.js';
import type { RowSlice } from '../event/row-batch.js';
import { encodeSmile } from '../smile/smile-encoder.js';

const compress = promisify(gzip);

/** The quickest level: a better one costs several times the work to save a little more. */
const level = 1;

/** How a task wants its rows. */
export interface PushForm {
  /** The column that must hold epoch milliseconds, if the task does not read our own timestamps. */
  readonly millisColumn: string | undefined;
  readonly properties: Pick<PropertyValues, 'serialization.format' | 'druidBeam.compression'>;
  /** Whether no other body has any of these rows in it while this one is in use. */
  readonly isExclusive: boolean;
}

/** Rows as one push, made once for all replicas and all tries. */
export async function pushBody(rows: RowSlice, { millisColumn, properties, isExclusive }: PushForm): Promise<PushBody> {
  const json = jsonOf(rows, millisColumn, isExclusive);
  const isSmile = properties['serialization.format'] === 'smile';
  const bytes = isSmile ? encodeSmile(JSON.parse(json.toString()) as unknown) : json;
  // Druid takes the type of Smile with nothing behind it only.
  const type = { 'content-type': isSmile ? 'application/x-jackson-smile' : 'application/json' };
  if (properties['druidBeam.compression'] === 'none') return { bytes, headers: type };
  return { bytes: await compress(bytes, { level }), headers: { ...type, 'content-encoding': 'gzip' } };
}

function jsonOf(rows: RowSlice, millisColumn: string | undefined, isExclusive: boolean): Buffer {
  if (millisColumn !== undefined) return withMillis(rows, millisColumn).slice().arrayInPlace();
  return isExclusive ? rows.arrayInPlace() : rows.array();
}
