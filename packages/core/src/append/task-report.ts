import { isJsonObject, parseJsonObject, type JsonObject } from '../spec/json.js';

/** A row that a task could not read. */
interface UnreadRow {
  /** Its place in what the task has read, from 1; `undefined` where Druid does not tell. */
  readonly line: number | undefined;
  /** The row in Druid's words. */
  readonly input: string;
  readonly why: string;
}

/** What a task tells of its rows. */
export interface TaskReport {
  /** Why it failed. */
  readonly error: string | undefined;
  /** Rows that it could not read, and those of which it read a part. */
  readonly unparseable: number;
  readonly processedWithError: number;
  /** The first of those that it could not read. */
  readonly unread: readonly UnreadRow[];
  /** What was wrong with one of those of which it read a part. */
  readonly partlyWhy: string | undefined;
  /** Whether it has seen that its segments are loaded. */
  readonly isAvailable: boolean;
}

/** Reads the report of a batch task; `undefined` when it is of another form. */
export function readTaskReport(text: string): TaskReport | undefined {
  const stats = parseJsonObject(text)?.['ingestionStatsAndErrors'];
  const payload = isJsonObject(stats) ? stats['payload'] : undefined;
  if (!isJsonObject(payload)) return undefined;
  const rows = within(payload['rowStats'], 'buildSegments');
  const saved = within(payload['unparseableEvents'], 'buildSegments');
  const troubles = Array.isArray(saved) ? (saved as unknown[]).filter(isJsonObject) : [];
  const isPart = (trouble: JsonObject): boolean => trouble['errorType'] === 'processedWithError';
  const error = payload['errorMsg'];
  return {
    error: typeof error === 'string' ? error : undefined,
    unparseable: numberIn(rows, 'unparseable'),
    processedWithError: numberIn(rows, 'processedWithError'),
    unread: troubles.filter((trouble) => !isPart(trouble)).map(readUnread),
    partlyWhy: troubles.filter(isPart).map(whyOf)[0],
    isAvailable: payload['segmentAvailabilityConfirmed'] === true,
  };
}

function readUnread(trouble: JsonObject): UnreadRow {
  const why = whyOf(trouble);
  const line = / Line: (\d+)\)$/.exec(why)?.[1];
  return { line: line === undefined ? undefined : Number(line), input: String(trouble['input']), why };
}

function whyOf({ details }: JsonObject): string {
  return Array.isArray(details) ? details.join('; ') : 'Druid gives no reason';
}

function numberIn(value: unknown, key: string): number {
  const found = within(value, key);
  return typeof found === 'number' ? found : 0;
}

const within = (value: unknown, key: string): unknown => (isJsonObject(value) ? value[key] : undefined);
