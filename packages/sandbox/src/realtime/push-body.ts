import { SmileParser, SmileUnfinished } from '@tranquility-js/core/internal';
import { isJsonObject, type JsonObject } from '../json.js';

/** A body that Jackson would not read. */
export class BodyFault extends Error {
  override name = 'BodyFault';
}

const smileHeader = Buffer.from([0x3a, 0x29, 0x0a]);
const source = '\n at [Source: (com.google.common.io.CountingInputStream)';
const listType = '`java.util.ArrayList<java.util.Map<java.lang.String,java.lang.Object>>`';
const mapType = '`java.util.LinkedHashMap<java.lang.String,java.lang.Object>`';

/**
 * The events of a push: an array of objects, of which any may be null; or null.
 * @throws BodyFault in words that begin as Jackson's do.
 */
export function readPush(body: Buffer, isSmile: boolean): (JsonObject | null)[] | null {
  if (body.length === 0) throw fault('No content to map due to end-of-input', 0);
  const value = isSmile ? smile(body) : json(body.toString());
  if (value === null) return null;
  if (!Array.isArray(value)) {
    throw fault(`Cannot deserialize value of type ${listType} from ${kindOf(value)}`, 1);
  }
  for (const event of value as unknown[]) {
    if (event === null || isJsonObject(event)) continue;
    throw fault(`Cannot deserialize value of type ${mapType} from ${kindOf(event)}`, 2);
  }
  return value as (JsonObject | null)[];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = placeOf(error, text);
    const character = text[place];
    if (character === undefined) throw fault('Unexpected end-of-input within/between Object entries', text.length + 1);
    throw fault(`Unexpected character ('${character}' (code ${character.charCodeAt(0)}))`, place + 1);
  }
}

/** Where reading ended: at the end, if the message does not tell. */
function placeOf(error: unknown, text: string): number {
  const [, place] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
  return place === undefined ? text.length : Number(place);
}

function smile(body: Buffer): unknown {
  if (!body.subarray(0, smileHeader.length).equals(smileHeader)) {
    throw fault('Input does not start with Smile format header (first 3 bytes: 0x3a, 0x29, 0x0a)', 1);
  }
  const parser = new SmileParser();
  try {
    const { value } = parser.readValue(body, parser.readHeader(body, 0));
    return parser.hasBigIntegers ? asNumbers(value) : value;
  } catch (error) {
    if (error instanceof SmileUnfinished) throw fault('Unexpected end-of-input within/between Object entries', 1);
    throw fault(error instanceof Error ? error.message : String(error), 1);
  }
}

/** Integers beyond 2^53 as near as a number comes. */
function asNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asNumbers);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asNumbers(member)]));
}

function fault(message: string, column: number): BodyFault {
  return new BodyFault(`${message}${source}; line: 1, column: ${column}]`);
}

/** As Jackson tells what it found. */
function kindOf(value: unknown): string {
  const [kind, token] = tokenOf(value);
  return `${kind} value (token \`JsonToken.${token}\`)`;
}

function tokenOf(value: unknown): readonly [kind: string, token: string] {
  if (isJsonObject(value)) return ['Object', 'START_OBJECT'];
  if (Array.isArray(value)) return ['Array', 'START_ARRAY'];
  if (typeof value === 'string') return ['String', 'VALUE_STRING'];
  if (typeof value === 'boolean') return ['Boolean', value ? 'VALUE_TRUE' : 'VALUE_FALSE'];
  return Number.isInteger(value) ? ['Integer', 'VALUE_NUMBER_INT'] : ['Floating-point', 'VALUE_NUMBER_FLOAT'];
}
