import type { Cursor } from './cursor.js';
import { JavaPattern } from './expression/java-pattern.js';
import { readFlattenSpec, type FlattenSpec } from './flatten-spec.js';
import { isJsonObject } from './json.js';
import { show } from './problems.js';

/** How text becomes events: what a spec says in `parser.parseSpec`, or in `ioConfig.inputFormat`. Compiled, so that nothing fails later. */
export type InputFormat = JsonInput | LowercaseInput | SeparatedInput | RegexInput;

export interface JsonInput {
  readonly type: 'json';
  /** Without it, events go as they came. */
  readonly flattenSpec?: FlattenSpec;
  /** Whether field discovery takes fields that are null. */
  readonly keepNullColumns: boolean;
  /** Whether field discovery takes objects and lists of them. */
  readonly keepNested: boolean;
}

/** JSON whose keys are made lower case, and whose nested values become text. */
interface LowercaseInput {
  readonly type: 'jsonLowercase';
}

/** Rows of text in columns; `csv` with RFC 4180's quotes, `tsv` with none. */
export interface SeparatedInput {
  readonly type: 'csv' | 'tsv';
  readonly delimiter: string;
  /** Splits a value that has it into a list. */
  readonly listDelimiter: string;
  /** `undefined` when the header says them. */
  readonly columns: readonly string[] | undefined;
  /** Whether the first row that is not skipped is a header. */
  readonly hasHeader: boolean;
  readonly skipHeaderRows: number;
}

export interface RegexInput {
  readonly type: 'regex';
  readonly pattern: JavaPattern;
  readonly listDelimiter: string;
  /** Default: `column_1` and so on. */
  readonly columns: readonly string[];
  /** Whether empty values are null, and a group that took no part makes the row unreadable: so in a parseSpec. */
  readonly isParseSpec: boolean;
}

const defaultListDelimiter = '\u0001';

/**
 * Reads in what form text comes.
 * @param keepNested whether the dimensions take nested values (`useSchemaDiscovery`).
 */
export function readInputFormat(parser: Cursor, inputFormat: Cursor, keepNested: boolean): InputFormat | undefined {
  checkParser(parser);
  const parseSpec = parser.get('parseSpec');
  if (inputFormat.isAbsent) return readFormat(parseSpec, 'format', keepNested);
  if (!parseSpec.get('format').isAbsent) {
    return inputFormat.fail('is set beside the format of a parser. Keep one of them.');
  }
  if (inputFormat.object('Give an object such as {"type": "json"}, or leave it out.') === undefined) return undefined;
  return readFormat(inputFormat, 'type', keepNested);
}

function checkParser(parser: Cursor): void {
  const type = parser.get('type');
  if (!type.isAbsent && type.value !== 'string' && type.value !== 'map') {
    type.fail(
      `is ${show(type.value)}. Use "string" or "map"; for messages with a schema, such as Avro, set a decoder where they are consumed.`,
    );
  }
  const encoding = parser.get('encoding');
  if (!encoding.isAbsent && !/^utf-?8$/i.test(String(encoding.value))) {
    encoding.fail(`is ${show(encoding.value)}. Text is read as UTF-8: remove it.`);
  }
}

/** @param key what names the format: `format` in a parseSpec, `type` in an inputFormat. */
function readFormat(cursor: Cursor, key: 'format' | 'type', keepNested: boolean): InputFormat | undefined {
  const isParseSpec = key === 'format';
  const format = cursor.get(key);
  const name: unknown = format.value ?? (isParseSpec ? 'json' : undefined);
  switch (name) {
    case 'json':
      return readJson(cursor, isParseSpec, keepNested);
    case 'timeAndDims':
      if (isParseSpec) return { type: 'json', keepNullColumns: false, keepNested };
      break;
    case 'jsonLowercase':
      if (isParseSpec) return { type: 'jsonLowercase' };
      break;
    case 'csv':
    case 'tsv':
      return readSeparated(cursor, format.value as 'csv' | 'tsv', isParseSpec);
    case 'regex':
      return readRegex(cursor, isParseSpec);
  }
  const known = `"json", "csv", "tsv"${isParseSpec ? ', "regex", "jsonLowercase" or "timeAndDims"' : ' or "regex"'}`;
  return format.fail(`is ${show(format.value)}. Use ${known}.`);
}

function readJson(cursor: Cursor, isParseSpec: boolean, keepNested: boolean): JsonInput {
  const flattenSpec = readFlattenSpec(cursor.get('flattenSpec'));
  const keepNulls = cursor.get('keepNullColumns');
  const features = cursor.get('featureSpec');
  if (isJsonObject(features.value) && Object.values(features.value).some((each) => each === true)) {
    features.fail(`is ${show(features.value)}. JSON is read strictly: remove it.`);
  }
  return {
    type: 'json',
    keepNullColumns: readFlag(keepNulls) ?? (!isParseSpec && flattenSpec?.useFieldDiscovery === true),
    keepNested: keepNested && !isParseSpec,
    ...(flattenSpec === undefined ? {} : { flattenSpec }),
  };
}

function readSeparated(cursor: Cursor, type: 'csv' | 'tsv', isParseSpec: boolean): SeparatedInput | undefined {
  const delimiter = type === 'csv' ? ',' : (readText(cursor.get('delimiter')) ?? '\t');
  const listDelimiter = readText(cursor.get('listDelimiter')) ?? defaultListDelimiter;
  if (delimiter === listDelimiter) {
    return cursor.get('listDelimiter').fail(`is ${show(listDelimiter)}, which is the delimiter too. Use another one.`);
  }
  const columns = readColumns(cursor.get('columns'), isParseSpec ? ',' : delimiter);
  const hasHeader = readHeader(cursor, isParseSpec, columns !== undefined);
  if (columns === undefined && !hasHeader) {
    const key = isParseSpec ? 'hasHeaderRow' : 'findColumnsFromHeader';
    return cursor
      .get('columns')
      .fail(`is missing. Name the columns in their order, or set ${key} if the first row does.`);
  }
  const skip = cursor.get('skipHeaderRows');
  const skipHeaderRows = skip.value ?? 0;
  if (!Number.isSafeInteger(skipHeaderRows) || (skipHeaderRows as number) < 0) {
    return skip.fail(`is ${show(skipHeaderRows)}. Give the number of rows above the data, or leave it out.`);
  }
  // The names of a header win over those that are given.
  const given = hasHeader ? undefined : columns;
  return { type, delimiter, listDelimiter, columns: given, hasHeader, skipHeaderRows: skipHeaderRows as number };
}

function readHeader(cursor: Cursor, isParseSpec: boolean, hasColumns: boolean): boolean {
  const old = readFlag(cursor.get('hasHeaderRow'));
  if (isParseSpec) return old ?? false;
  const find = readFlag(cursor.get('findColumnsFromHeader'));
  if (old !== undefined && find !== undefined && !hasColumns) {
    cursor.get('hasHeaderRow').fail('is set beside findColumnsFromHeader, which is its newer name. Remove it.');
  }
  return find ?? (hasColumns ? false : (old ?? false));
}

function readRegex(cursor: Cursor, isParseSpec: boolean): RegexInput | undefined {
  const text = cursor.get('pattern').text('Give a regular expression with a group for each column.');
  const columns = readColumns(cursor.get('columns'), undefined);
  const listCursor = cursor.get('listDelimiter');
  const given = readText(listCursor) ?? defaultListDelimiter;
  const listDelimiter = isParseSpec ? literalOf(given) : given;
  if (listDelimiter === undefined) {
    return listCursor.fail(
      `is ${show(given)}, which is a regular expression here. Use a text without special characters, or put "\\" before each.`,
    );
  }
  if (text === undefined) return undefined;
  try {
    const pattern = new JavaPattern(text);
    const names = columns ?? Array.from({ length: pattern.groups }, (_, index) => columnName(index));
    return { type: 'regex', pattern, listDelimiter, columns: names, isParseSpec };
  } catch (error) {
    return cursor.get('pattern').fail(`is ${show(text)}, which cannot be used. ${(error as Error).message}`);
  }
}

/** What a regular expression matches that is a plain text with escapes; `undefined` for any other. */
function literalOf(pattern: string): string | undefined {
  const text = pattern.replace(
    /\\([^A-Za-z0-9])|[\\^$.|?*+()[\]{}]/g,
    (_, escaped: string | undefined) => escaped ?? '\0',
  );
  return text.includes('\0') ? undefined : text;
}

/** @param separator what no name may have in it, as Druid refuses it. */
function readColumns(cursor: Cursor, separator: string | undefined): readonly string[] | undefined {
  if (cursor.isAbsent) return undefined;
  const remedy = 'Name the columns in their order.';
  const list = cursor.list(remedy);
  if (list === undefined || list.length === 0) return undefined;
  if (!list.every((name): name is string => typeof name === 'string'))
    return cursor.fail(`is ${show(list)}. ${remedy}`);
  const twice = list.find((name, index) => name !== '' && list.indexOf(name) !== index);
  if (twice !== undefined) return cursor.fail(`has ${show(twice)} twice. Name each column once.`);
  const wrong = separator === undefined ? undefined : list.find((name) => name.includes(separator));
  if (wrong !== undefined)
    return cursor.fail(`has ${show(wrong)}. The name of a column cannot have ${show(separator)} in it.`);
  return list;
}

/** The names of columns, where those that have none get `column_1` and so on, by their place. */
export function namedColumns(names: readonly (string | null)[]): string[] {
  return names.map((name, index) => (name === null || name === '' ? columnName(index) : name));
}

function columnName(index: number): string {
  return `column_${index + 1}`;
}

function readText(cursor: Cursor): string | undefined {
  return cursor.isAbsent ? undefined : cursor.text('Give a text, or leave it out.');
}

function readFlag(cursor: Cursor): boolean | undefined {
  if (cursor.isAbsent) return undefined;
  if (typeof cursor.value === 'boolean') return cursor.value;
  return cursor.fail(`is ${show(cursor.value)}. Use true or false.`);
}
