import { isJsonObject } from '../spec/json.js';
import { nearest } from '../spec/nearest.js';
import { show } from '../spec/problems.js';
import type { Cursor } from '../spec/cursor.js';
import { parseConfigWith, readConfigFile, readConfigWith, type Config, type ConfigOptions } from './config.js';
import type { PropertyTable, ValuesOf } from './properties.js';
import { readProperty } from './read-properties.js';

/** A config, and the properties of the program that it is for. */
export interface ProgramConfig<T extends PropertyTable> extends Config {
  readonly program: ValuesOf<T>;
}

/**
 * Reads a config, a file or an object of the same form, for a program that has properties of its own beside those of the engine, such as `http.port`.
 * @param table the program's properties; all are for the whole file.
 * @param isOwn whether a name belongs to the program, so that it warns of those that the table does not have.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it.
 */
export async function loadProgramConfig<const T extends PropertyTable>(
  given: string | object,
  table: T,
  isOwn: (name: string) => boolean,
  options: ConfigOptions = {},
): Promise<ProgramConfig<T>> {
  let program: Record<string, unknown> = {};
  const own = (layers: readonly Cursor[]): void => {
    const values = new Map<string, Cursor>();
    for (const layer of layers) {
      if (!isJsonObject(layer.value)) continue;
      for (const name of Object.keys(layer.value)) if (isOwn(name)) values.set(name, layer.get(name));
    }
    warnOfUnknown(table, values);
    program = Object.fromEntries(
      Object.entries(table).map(([name, property]) => [name, readProperty(property, values.get(name))]),
    );
  };
  const config =
    typeof given === 'string'
      ? parseConfigWith(await readConfigFile(given), given, options, own)
      : readConfigWith(given, options, own);
  return { ...config, program: program as ValuesOf<T> };
}

function warnOfUnknown(table: PropertyTable, given: ReadonlyMap<string, Cursor>): void {
  for (const [name, { path, problems }] of given) {
    if (Object.hasOwn(table, name)) continue;
    const meant = nearest(name, Object.keys(table));
    problems.warn(path, `is no property that is known.${meant === undefined ? '' : ` Did you mean ${show(meant)}?`}`);
  }
}
