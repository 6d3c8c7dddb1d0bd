import { JsonNumber } from '../spec/json-number.js';
import { parseSpelled } from '../spec/spelled-numbers.js';

/** A JSON value whose numbers keep their spelling where a hash looks at them: at the top and in lists. */
export function exactValue(json: string): unknown {
  const first = json.charCodeAt(0);
  if (first === 45 || (first >= 48 && first <= 57)) return new JsonNumber(json);
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) && /\d/.test(json) ? parseSpelled(json, () => true) : value;
}
