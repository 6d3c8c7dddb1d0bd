/** A query that cannot be answered, in Druid's words where it has some. */
export class SqlFault extends Error {
  override name = 'SqlFault';
  readonly context: Readonly<Record<string, string>>;

  constructor(message: string, context: Readonly<Record<string, string>> = {}) {
    super(message);
    this.context = { sourceType: 'sql', ...context };
  }
}

/** What the database refused, as Druid says it. */
export function faultOf(error: unknown, sql: string): SqlFault {
  const message = error instanceof Error ? error.message : String(error);
  const [, table] = /Table with name "?(.+?)"? does not exist/.exec(message) ?? [];
  if (table !== undefined) return notFound(`Object '${table}' not found`, table, sql);
  const [, column] = /Referenced column "(.+?)" (?:was )?not found/.exec(message) ?? [];
  if (column !== undefined) return notFound(`Column '${column}' not found in any table`, column, sql);
  return new SqlFault(`${message} (The sandbox's SQL is that of DuckDB, with the functions that its README names.)`);
}

function notFound(what: string, name: string, sql: string): SqlFault {
  const place = Math.max(0, sql.toLowerCase().lastIndexOf(name.toLowerCase()));
  const before = sql.slice(0, place).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const [start, end] = [String(line), String(column)];
  return new SqlFault(`${what} (line [${line}], column [${column}])`, {
    line: start,
    column: end,
    endLine: start,
    endColumn: String(column + name.length - 1),
  });
}
