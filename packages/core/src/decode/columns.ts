/** Puts values under the names of their columns. Values beyond the last column are left out, and columns beyond the last value. */
export function zipped(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const count = Math.min(columns.length, values.length);
  const event: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    put(event, columns[i] ?? '', values[i]);
  }
  return event;
}

/** Gives an event a field, whatever its name. */
export function put(event: Record<string, unknown>, name: string, value: unknown): void {
  // Assigned, this name would be no field.
  if (name === '__proto__') Object.defineProperty(event, name, { value, enumerable: true });
  else event[name] = value;
}

/** A value, or the list that it is if it has the delimiter. */
export function listed(value: string | null, listDelimiter: string): string | null | string[] {
  return value?.includes(listDelimiter) === true ? value.split(listDelimiter) : value;
}
