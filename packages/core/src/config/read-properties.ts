import type { Cursor } from '../spec/cursor.js';
import { isJsonObject } from '../spec/json.js';
import { nearest } from '../spec/nearest.js';
import { show } from '../spec/problems.js';
import {
  isForAnotherProgram,
  isGlobalOnly,
  properties,
  type Property,
  type PropertyName,
  type PropertyValues,
} from './properties.js';

/**
 * The effective properties: of several layers of flat, dotted names the later wins. A null stands for the default, as in
 * Tranquility.
 * @param own the dataSource's layer, in which global-only properties are refused.
 * @returns `undefined` when something is wrong, which the cursors' problems then tell.
 */
export function readProperties(layers: readonly Cursor[], own: Cursor): PropertyValues | undefined {
  const { problems } = own;
  const errorsBefore = problems.errors.length;
  const given = new Map<string, Cursor>();
  for (const layer of layers) {
    if (layer.isAbsent || layer.object('Properties are an object of names and values.') === undefined) continue;
    for (const key of Object.keys(layer.value as object)) given.set(key, layer.get(key));
  }
  if (isJsonObject(own.value)) refuseGlobals(own);
  warnOfUnknown(given.values());

  const values = Object.entries(properties).map(([name, property]) => [name, readProperty(property, given.get(name))]);
  if (!given.has('druid.overlord.urls')) problems.error(own.path.slice(0, -1), missingOverlord(given));
  else refuseZooKeeper(given);
  return problems.errors.length > errorsBefore ? undefined : (Object.fromEntries(values) as PropertyValues);
}

function readProperty(property: Property<unknown>, cursor: Cursor | undefined): unknown {
  const fallback = property.default === undefined ? undefined : property.kind.read(property.default);
  if (cursor === undefined || cursor.isAbsent) return fallback;
  const shown = property.secret === true ? 'a secret' : show(cursor.value);
  const value = isText(cursor.value) ? property.kind.read(String(cursor.value).trim()) : undefined;
  if (value === undefined) return cursor.fail(`is ${shown}, not ${property.kind.expected}.`);
  if (property.only !== undefined && JSON.stringify(value) !== JSON.stringify(property.only.value)) {
    return cursor.fail(`is ${shown}. ${property.only.reason}`);
  }
  return value;
}

const isText = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function refuseGlobals(own: Cursor): void {
  for (const key of Object.keys(own.value as object)) {
    if (isGlobalOnly(key)) own.get(key).fail('is one for the whole file. Move it to the top-level "properties".');
  }
}

function warnOfUnknown(given: Iterable<Cursor>): void {
  const names = Object.keys(properties) as PropertyName[];
  for (const cursor of given) {
    const name = String(cursor.path.at(-1));
    if (name in properties || isForAnotherProgram(name)) continue;
    const meant = nearest(name, names);
    cursor.problems.warn(
      cursor.path,
      `is no property that is known.${meant === undefined ? '' : ` Did you mean ${show(meant)}?`}`,
    );
  }
}

function missingOverlord(given: ReadonlyMap<string, Cursor>): string {
  const remedy =
    'Set the property druid.overlord.urls, such as "http://overlord:8090", at the top or in the dataSource.';
  if (!given.has('zookeeper.connect')) return `has no way to find Druid’s overlord. ${remedy}`;
  return (
    `finds Druid’s overlord through ZooKeeper, which this release does not speak. ${remedy} ` +
    'To agree that ZooKeeper is not used, set tranquility.coordination to overlord too.'
  );
}

/** A file with a ZooKeeper shares its tasks with a JVM Tranquility. We must not part from it without being told to. */
function refuseZooKeeper(given: ReadonlyMap<string, Cursor>): void {
  if (given.has('tranquility.coordination')) return;
  given
    .get('zookeeper.connect')
    ?.fail(
      'asks for coordination through ZooKeeper, which this release does not speak. Set tranquility.coordination to overlord if no JVM Tranquility writes to the same dataSource.',
    );
}
