/** Rows of texts as lines: columns aligned to the left, two blanks between them, none at the end. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** An interval without the seconds and milliseconds that are zero: `2026-03-05T10:00Z/2026-03-05T11:00Z`. */
export function shortInterval(interval: string): string {
  return interval.replaceAll(/(:00)?\.000Z/g, 'Z');
}

export const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
