type Row = Readonly<Record<string, unknown>>;

/** Rows as a table of text; numbers to the right. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return '  (no rows)\n';
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    `  ${texts
      .map((text, index) =>
        isNumber[index] === true ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd()}\n`;
  const rule = widths.map((width) => '─'.repeat(width));
  return [columns, rule, ...cells].map(line).join('');
}

function cell(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(1);
  if (typeof value === 'string') return value.replace(/^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.000Z$/, '$1');
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
