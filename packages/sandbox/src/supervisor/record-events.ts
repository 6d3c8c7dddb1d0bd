import { isJsonObject, type JsonObject } from '../json.js';

/**
 * The events in a record's value: one, or one a line. A record without a value has none.
 * @returns undefined when a part of it is no JSON object; Druid then takes nothing of the record.
 */
export function eventsOf(value: Buffer | null): readonly JsonObject[] | undefined {
  if (value === null) return [];
  const text = value.toString();
  return parsed([text]) ?? parsed(text.split('\n').filter((line) => line.trim() !== ''));
}

function parsed(texts: readonly string[]): readonly JsonObject[] | undefined {
  try {
    const events = texts.map((text) => JSON.parse(text) as unknown);
    return events.every(isJsonObject) ? events : undefined;
  } catch {
    return undefined;
  }
}
