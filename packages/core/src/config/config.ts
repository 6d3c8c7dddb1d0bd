import { readFile } from 'node:fs/promises';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { Cursor } from '../spec/cursor.js';
import { readIngestionSpec, type IngestionSpec } from '../spec/ingestion-spec.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import { nearest } from '../spec/nearest.js';
import { pathText, Problems, show, type Path, type Problem } from '../spec/problems.js';
import { readConfigText, type ConfigText } from './config-text.js';
import type { PropertyValues } from './properties.js';
import { readProperties } from './read-properties.js';

/** One dataSource of a config, checked, with the global properties under its own. */
export interface DataSourceConfig {
  readonly dataSource: string;
  readonly spec: IngestionSpec;
  readonly properties: PropertyValues;
}

/** A checked config. */
export interface Config {
  readonly dataSources: ReadonlyMap<string, DataSourceConfig>;
  /** What is allowed but likely a mistake, each with its place. */
  readonly warnings: readonly string[];
}

/** The name for a config that was given as an object. */
const noFile = 'config';

export interface ConfigOptions {
  /** Global properties that win over those of the config, by name; such as those of a command line. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * Reads the properties of a program that shares the file with the engine: once with the layers of the whole file, and once for each
 * dataSource with its own among them. Of several layers the later wins. What is wrong it tells their cursors.
 */
export type ProgramReader = (layers: readonly Cursor[], dataSource: string | undefined) => void;

/** A config, and what it was read from. */
export interface SourcedConfig extends Config {
  readonly source: unknown;
}

/**
 * Reads a config for a program that has properties of its own in it.
 * @param given the path of a file, or an object of the same form.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it, the program's too.
 */
export async function readSourcedConfig(
  given: string | object,
  options: ConfigOptions,
  own: ProgramReader,
): Promise<SourcedConfig> {
  if (typeof given === 'object') return { ...check(given, noFile, options, undefined, own), source: given };
  const text = readConfigText(await readConfigFile(given), given);
  return { ...check(text.value, given, options, text, own), source: text.value };
}

/**
 * Reads a Tranquility 0.8.x config file, JSON or YAML.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it.
 */
export async function loadConfig(file: string, options: ConfigOptions = {}): Promise<Config> {
  return parseConfig(await readConfigFile(file), file, options);
}

/**
 * The text of a config file.
 * @throws TRQ_CONFIG_UNREADABLE.
 */
export async function readConfigFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new TranquilityError('TRQ_CONFIG_UNREADABLE', `Cannot read the config file ${file}: ${messageOf(error)}`, {
      cause: error,
      details: { file },
    });
  }
}

/**
 * Reads the text of a config, JSON or YAML.
 * @param name what errors call it.
 * @throws TRQ_CONFIG_SYNTAX or TRQ_CONFIG_INVALID.
 */
export function parseConfig(text: string, name: string, options: ConfigOptions = {}): Config {
  const source = readConfigText(text, name);
  return check(source.value, name, options, source);
}

/**
 * Checks a config that is an object already, of the same form as the file.
 * @throws TRQ_CONFIG_INVALID.
 */
export function readConfig(value: unknown, options: ConfigOptions = {}): Config {
  return check(value, noFile, options);
}

/**
 * The dataSource of this name; without a name, the only one there is.
 * @throws TRQ_DATASOURCE_UNKNOWN with the names there are.
 */
export function chooseDataSource(config: Config, name?: string): DataSourceConfig {
  const names = [...config.dataSources.keys()];
  const chosen = config.dataSources.get(name ?? (names.length === 1 ? (names[0] ?? '') : ''));
  if (chosen !== undefined) return chosen;
  const known = `The config has: ${names.map(show).join(', ')}.`;
  const meant = name === undefined ? undefined : nearest(name, names);
  throw new TranquilityError(
    'TRQ_DATASOURCE_UNKNOWN',
    name === undefined
      ? `Say which dataSource the events go to. ${known}`
      : `There is no dataSource ${show(name)}. ${meant === undefined ? '' : `Did you mean ${show(meant)}? `}${known}`,
    { details: { dataSource: name, dataSources: names } },
  );
}

/**
 * Reads the text of a config, and the properties of the program that it is for.
 * @param own reads them.
 * @throws TRQ_CONFIG_SYNTAX or TRQ_CONFIG_INVALID.
 */
export function parseConfigWith(text: string, name: string, options: ConfigOptions, own: ProgramReader): Config {
  const source = readConfigText(text, name);
  return check(source.value, name, options, source, own);
}

/** Checks a config that is an object already, as `parseConfigWith` does. @throws TRQ_CONFIG_INVALID. */
export function readConfigWith(
  value: object,
  options: ConfigOptions,
  own: (layers: readonly Cursor[]) => void,
): Config {
  return check(value, noFile, options, undefined, own);
}

function check(
  value: unknown,
  name: string,
  options: ConfigOptions,
  text?: ConfigText,
  own: ProgramReader = () => undefined,
): Config {
  const problems = new Problems();
  const root = new Cursor(value, [], problems);
  const dataSources = new Map<string, DataSourceConfig>();
  if (root.object('A config is an object with "dataSources" and "properties".') !== undefined) {
    warnOfUnknownKeys(root);
    const overrides = new Cursor(options.properties ?? {}, ['command line'], problems);
    own([root.get('properties'), overrides], undefined);
    for (const entry of entriesOf(root.get('dataSources'))) {
      const dataSource = readDataSource(entry, root.get('properties'), overrides);
      if (dataSource === undefined) continue;
      own([root.get('properties'), entry.at.get('properties'), overrides], dataSource.dataSource);
      if (dataSources.has(dataSource.dataSource)) {
        entry.at.fail(`is a second entry for the dataSource ${show(dataSource.dataSource)}. Keep one of them.`);
      }
      dataSources.set(dataSource.dataSource, dataSource);
    }
  }
  const render = (problem: Problem): string => renderProblem(problem, name, text);
  if (problems.errors.length === 0) return { dataSources, warnings: unique(problems.warnings.map(render)) };
  const lines = unique(problems.errors.map(render));
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `The config has ${count}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    {
      details: { problems: lines },
    },
  );
}

interface Entry {
  readonly at: Cursor;
  /** The key, where dataSources is a map. */
  readonly name?: string;
}

function entriesOf(cursor: Cursor): Entry[] {
  const { value, path, problems } = cursor;
  if (Array.isArray(value) && value.length > 0) {
    return value.map((entry: unknown, index) => ({ at: new Cursor(entry, [...path, index], problems) }));
  }
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return Object.keys(value).map((name) => ({ at: cursor.get(name), name }));
  }
  cursor.fail(`is ${show(value)}. Give a list of dataSources, or an object of them by name, with at least one in it.`);
  return [];
}

function readDataSource(entry: Entry, globals: Cursor, overrides: Cursor): DataSourceConfig | undefined {
  const { at, name } = entry;
  if (at.object('A dataSource is an object with "spec" and "properties".') === undefined) return undefined;
  const specCursor = at.get('spec');
  const spec =
    specCursor.object('Give Druid’s ingestion spec: {"dataSchema": …, "tuningConfig": …}.') === undefined
      ? undefined
      : readIngestionSpec(specCursor);
  const own = at.get('properties');
  const properties = readProperties([globals, own, overrides], own);
  if (spec === undefined || properties === undefined) return undefined;
  if (name !== undefined && name !== spec.dataSource) {
    return at.fail(`is named ${show(name)}, but its spec is for ${show(spec.dataSource)}. Give both the same name.`);
  }
  return { dataSource: spec.dataSource, spec, properties };
}

function warnOfUnknownKeys(root: Cursor): void {
  const known = ['dataSources', 'properties', '$schema'];
  for (const key of Object.keys(root.value as JsonObject)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    root.problems.warn([key], `is not read.${meant === undefined ? '' : ` Did you mean ${show(meant)}?`}`);
  }
}

function renderProblem({ path, message }: Problem, name: string, text?: ConfigText): string {
  const from: Path = path[0] === 'command line' ? path.slice(1) : path;
  if (from !== path || text === undefined)
    return `${from === path ? name : 'command line'}: ${pathText(from)} ${message}`;
  const { line, column } = text.locate(path);
  return `${name}:${line}:${column}: ${pathText(path)} ${message}`;
}

const unique = (lines: readonly string[]): string[] => [...new Set(lines)];
