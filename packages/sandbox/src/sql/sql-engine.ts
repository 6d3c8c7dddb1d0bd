import { at } from '../json.js';
import type { Database } from '../store/database.js';
import type { Store } from '../store/store.js';
import { toDuckDB } from './dialect.js';
import { readResult, type SqlResult } from './result.js';
import { SqlFault, faultOf } from './sql-fault.js';

export type SqlParameter = string | number | boolean | null;

/** Answers SQL over the rows that are there. */
export class SqlEngine {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** @throws SqlFault */
  query(sql: string, parameters: readonly SqlParameter[] = []): Promise<SqlResult> {
    const { database } = this.#store;
    return database.exclusively(async () => {
      await this.#store.show();
      const translated = toDuckDB(sql, this.#now());
      try {
        const { count, isQuery } = await database.look(translated);
        if (count !== 1 || !isQuery)
          throw new SqlFault('The sandbox answers one query at a time: SELECT, WITH or EXPLAIN.');
        const reader = await database.read(translated, parameters);
        return readResult(reader, await columnNames(database, translated, reader.columnNames()));
      } catch (error) {
        throw error instanceof SqlFault ? error : faultOf(error, sql);
      }
    });
  }
}

/** Expressions without a name are called by their place: `EXPR$1`. */
async function columnNames(database: Database, sql: string, given: readonly string[]): Promise<string[]> {
  const reader = await database.read('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const tree: unknown = JSON.parse(String(reader.getRows()[0]?.[0]));
  const statements = at(tree, 'statements');
  const list = at(Array.isArray(statements) ? (statements as unknown[])[0] : undefined, 'node', 'select_list');
  if (!Array.isArray(list)) return [...given];
  const items = (list as unknown[]).flatMap((item) => {
    // A star stands for as many columns as the others leave.
    return at(item, 'class') === 'STAR' ? Array.from({ length: given.length - list.length + 1 }, () => item) : [item];
  });
  return given.map((name, index) => {
    const item = items[index];
    const isNamed = ['COLUMN_REF', 'STAR', undefined].includes(at(item, 'class') as string | undefined);
    return isNamed || at(item, 'alias') !== '' ? name : `EXPR$${index}`;
  });
}
