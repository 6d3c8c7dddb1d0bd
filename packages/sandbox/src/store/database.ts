import type * as DuckDB from '@duckdb/node-api';

/** Writes one row after another, value by value in the order of the table's columns. */
export interface RowWriter {
  null(): void;
  text(value: string): void;
  integer(value: number): void;
  long(value: number): void;
  float(value: number): void;
  double(value: number): void;
  /** Epoch milliseconds. */
  time(millis: number): void;
  endRow(): void;
}

/**
 * An embedded DuckDB in memory. Work that belongs together is done in `exclusively`, which lets no other come between. What runs SQL
 * can reach neither files nor the network.
 */
export class Database {
  readonly #duckDB: typeof DuckDB;
  readonly #instance: DuckDB.DuckDBInstance;
  readonly #connection: DuckDB.DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(duckDB: typeof DuckDB, instance: DuckDB.DuckDBInstance, connection: DuckDB.DuckDBConnection) {
    this.#duckDB = duckDB;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** @throws Error when DuckDB has no build for this machine. */
  static async open(): Promise<Database> {
    const duckDB = await loadDuckDB();
    const instance = await duckDB.DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const database = new Database(duckDB, instance, connection);
    for (const statement of settings) await connection.run(statement);
    return database;
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  read(
    sql: string,
    parameters: readonly (string | number | bigint | boolean | null)[] = [],
  ): Promise<DuckDB.DuckDBResultReader> {
    return this.#connection.runAndReadAll(sql, [...parameters]);
  }

  /** How many statements there are, and whether each only reads. */
  async look(sql: string): Promise<{ count: number; isQuery: boolean }> {
    const { StatementType } = this.#duckDB;
    const statements = await this.#connection.extractStatements(sql);
    const { count } = statements;
    if (count !== 1) return { count, isQuery: false };
    const prepared = await statements.prepare(0);
    const { statementType } = prepared;
    prepared.destroySync();
    return { count, isQuery: statementType === StatementType.SELECT || statementType === StatementType.EXPLAIN };
  }

  /** Appends rows to a table; all of them are there when this returns. */
  async append(table: string, write: (writer: RowWriter) => void): Promise<void> {
    const appender = await this.#connection.createAppender(table, 'storage');
    const { DuckDBTimestampValue } = this.#duckDB;
    write({
      null: () => appender.appendNull(),
      text: (value) => appender.appendVarchar(value),
      integer: (value) => appender.appendInteger(value),
      long: (value) => appender.appendBigInt(BigInt.asIntN(64, BigInt(value))),
      float: (value) => appender.appendFloat(value),
      double: (value) => appender.appendDouble(value),
      time: (millis) => appender.appendTimestamp(new DuckDBTimestampValue(BigInt(millis) * 1000n)),
      endRow: () => appender.endRow(),
    });
    appender.closeSync();
  }

  async close(): Promise<void> {
    await this.#last;
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

const settings = [
  'CREATE SCHEMA storage',
  'CREATE SCHEMA druid',
  "SET search_path = 'druid'",
  "SET TimeZone = 'UTC'",
  // As in Druid, 1/2 is 0, and null is less than all that is not.
  'SET integer_division = true',
  "SET default_null_order = 'nulls_first_on_asc_last_on_desc'",
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  'SET enable_external_access = false',
  'CREATE MACRO druid.approx_count_distinct(x) AS count(DISTINCT x)',
  'CREATE MACRO druid.millis_to_timestamp(x) AS epoch_ms(CAST(x AS BIGINT))',
  'CREATE MACRO druid.timestamp_to_millis(x) AS epoch_ms(x)',
  'CREATE MACRO druid.safe_divide(a, b) AS CASE WHEN b = 0 THEN NULL ELSE a / b END',
  'CREATE MACRO druid.nvl(a, b) AS coalesce(a, b)',
  'SET lock_configuration = true',
];

async function loadDuckDB(): Promise<typeof DuckDB> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new Error(
      `The sandbox cannot load DuckDB, in which it stores rows (${process.platform} ${process.arch}). ` +
        'Install again with optional dependencies: npm ci --include=optional.',
      { cause: error },
    );
  }
}
