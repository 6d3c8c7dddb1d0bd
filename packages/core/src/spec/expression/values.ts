import { isJsonObject, type JsonObject } from '../json.js';
import { JsonNumber } from '../json-number.js';

/** Whether a value of an event has members by name. A number that is kept by its digits has none. */
export function isMap(value: unknown): value is JsonObject {
  return isJsonObject(value) && !(value instanceof JsonNumber);
}

/** Whether a value has members of either kind. */
export function isContainer(value: unknown): value is readonly unknown[] | JsonObject {
  return Array.isArray(value) || isMap(value);
}
