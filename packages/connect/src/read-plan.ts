import { TranquilityError } from '@tranquility-js/core';
import {
  givenIn,
  readSourcedConfig,
  readTable,
  show,
  strandedEvents,
  type Cursor,
  type PropertyTable,
  type SourcedConfig,
  type ValuesOf,
} from '@tranquility-js/core/internal';
import type { streamProperties, StreamProperties } from './properties.js';
import { lettersWanted } from './remedies.js';
import { routeValues, type Noun } from './route-properties.js';
import type { Route } from './routes.js';

/** All that a config file says of a connector, checked. */
export interface Plan<C, S> {
  readonly config: SourcedConfig;
  readonly overrides: Readonly<Record<string, unknown>>;
  /** What is one for the whole connector. */
  readonly client: C;
  readonly routes: readonly Route[];
  /** The properties of each dataSource. */
  readonly properties: ReadonlyMap<string, S>;
}

/** What is a connector's own in its config. */
export interface PlanForm<C extends object, T extends PropertyTable> {
  readonly noun: Noun;
  /** The properties that each dataSource may have: those of `routeProperties` and `streamProperties`, a place for dead letters, and more. */
  readonly table: T;
  /** Reads those that are one for the whole connector. @param layers the places in the file that may have them. */
  readonly readClient: (given: Map<string, Cursor>, layers: readonly Cursor[]) => C;
  /** Tells what else cannot be meant of a dataSource. */
  readonly check?: (values: ValuesOf<T>, given: ReadonlyMap<string, Cursor>) => void;
}

/**
 * Reads a Tranquility config for a connector.
 * @param given the path of the file, or an object of the same form.
 * @param overrides properties that win over those of the config, by name.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it.
 */
export async function readPlan<C extends object, const T extends PropertyTable & typeof streamProperties>(
  { noun, table, readClient, check }: PlanForm<C, T>,
  given: string | object,
  overrides: Readonly<Record<string, unknown>>,
): Promise<Plan<C, ValuesOf<T>>> {
  const clients: C[] = [];
  const routes: Route[] = [];
  const properties = new Map<string, ValuesOf<T>>();
  const config = await readSourcedConfig(given, { properties: overrides }, (layers, dataSource) => {
    const values = givenIn(layers);
    if (dataSource === undefined) {
      clients.push(readClient(values, layers));
      return;
    }
    const read = readTable(table, values);
    const { pattern, ...route } = routeValues(noun, read);
    if (pattern === undefined) return;
    checkLetters(noun, pattern, read, values);
    checkWindow(read, values);
    check?.(read, values);
    properties.set(dataSource, read);
    routes.push({ dataSource, pattern, ...route });
    if (!values.has(`${noun}Pattern`)) layers[0]?.problems.warn(['dataSources'], hasNone(noun, dataSource));
  });
  const [client] = clients;
  if (client === undefined) throw new TranquilityError('TRQ_INTERNAL', 'The config was not read for its connector.');
  return { config: { ...config, warnings: await warningsOf(config, routes) }, overrides, client, routes, properties };
}

/** Where dataSources are named like streams, any name in the journal may be that of one. */
async function warningsOf(config: SourcedConfig, routes: readonly Route[]): Promise<readonly string[]> {
  if (routes.some(({ usesStreamName }) => usesStreamName)) return config.warnings;
  return [...config.warnings, ...(await strandedEvents(config))];
}

const hasNone = (noun: Noun, dataSource: string): string =>
  `${show(dataSource)} has no ${noun}s. Set ${noun}Pattern in a dataSource, or for all of them, to a regular expression for the ${noun}s’ whole names.`;

function checkLetters(
  noun: Noun,
  pattern: RegExp,
  values: Readonly<Record<string, unknown>> & StreamProperties,
  given: ReadonlyMap<string, Cursor>,
): void {
  const place = `deadLetter.${noun}`;
  const letters = values[place];
  if (typeof letters === 'string') {
    if (!pattern.test(letters)) return;
    given.get(place)?.fail(`matches ${noun}Pattern: dead letters would come back for ever. Choose another name.`);
    return;
  }
  for (const name of lettersWanted(values)) given.get(name)?.fail(`is "dead-letter". Set ${place}, where they go.`);
}

/** The engine's own property for late events must not say another thing than the connectors'. */
function checkWindow({ window }: StreamProperties, given: ReadonlyMap<string, Cursor>): void {
  const late = given.get('tranquility.lateEvents');
  if (window === undefined || late === undefined || late.isAbsent) return;
  if ((window === 'append') === (late.value === 'append')) return;
  given.get('window')?.fail(`is ${show(window)}, but tranquility.lateEvents is ${show(late.value)}. Keep one of them.`);
}
