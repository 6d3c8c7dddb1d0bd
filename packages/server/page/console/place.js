/**
 * Where an event stands in a text, as the server tells it in lines or bytes of UTF-8.
 * @param {string} text
 * @param {{ readonly line?: number, readonly byte?: number }} place
 * @returns {[start: number, end: number] | undefined} in characters, up to the end of the line.
 */
export function rangeOf(text, { line, byte }) {
  const start = byte === undefined ? startOfLine(text, line) : characterAt(text, byte);
  if (start === undefined) return undefined;
  const end = text.indexOf('\n', start);
  return [start, end < 0 ? text.length : end];
}

/** @param {string} text @param {number} byte */
function characterAt(text, byte) {
  const bytes = new TextEncoder().encode(text);
  return byte > bytes.length ? undefined : new TextDecoder().decode(bytes.subarray(0, byte)).length;
}

/** @param {string} text @param {number | undefined} line from 1. */
function startOfLine(text, line) {
  if (line === undefined) return undefined;
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  return start;
}
