const quote = '"';
const comma = ',';

/**
 * The fields of a line of CSV, as opencsv's RFC 4180 parser gives them to Druid: what stands between two commas is `null` when it is
 * empty, and the empty text when it is `""`. A quote that does not begin a field is part of it, and so is one that is not closed.
 */
export function csvFields(line: string): (string | null)[] {
  if (!line.includes(quote)) return line.split(comma).map((field) => (field === '' ? null : field));
  const fields: (string | null)[] = [];
  let at = 0;
  for (;;) {
    const end = line[at] === quote ? endOfQuoted(line, at) : line.indexOf(comma, at);
    const field = line.slice(at, end < 0 ? undefined : end);
    fields.push(field === '' ? null : unquoted(field));
    if (end < 0 || end >= line.length) break;
    at = end + 1;
  }
  // Also behind a quoted field that never ends.
  if (line.endsWith(comma) && at < line.length) fields.push(null);
  return fields;
}

/** Where the field ends that begins with a quote: at the comma behind the quote that closes it, or with the line. */
function endOfQuoted(line: string, start: number): number {
  let at = start;
  let isOpen = false;
  do {
    isOpen = !isOpen;
    at = line.indexOf(quote, at + 1);
    if (!isOpen) continue;
    if (at >= 0 && line[at + 1] === comma) return at + 1;
  } while (at >= 0 && at < line.length - 1);
  return line.length;
}

function unquoted(field: string): string {
  const first = field.indexOf(quote);
  if (first < 0) return field;
  const isWhole = first === 0 && field.includes(quote, 1);
  const inner = isWhole ? field.slice(1, field.endsWith(quote) ? -1 : undefined) : field;
  return inner.replaceAll('""', quote);
}
