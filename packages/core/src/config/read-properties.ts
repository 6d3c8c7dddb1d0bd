import type { Cursor } from '../spec/cursor.js';
import { isJsonObject } from '../spec/json.js';
import { nearest } from '../spec/nearest.js';
import { show } from '../spec/problems.js';
import {
  globalOnly,
  isForAnotherProgram,
  properties,
  type Property,
  type PropertyName,
  type PropertyTable,
  type PropertyValues,
  type ValuesOf,
} from './properties.js';
import { checkAppend } from './check-append.js';
import { checkPull } from './check-pull.js';
import { checkSecurity, isTls } from './check-security.js';
import type { PropertyKind } from './property-kinds.js';

const missingOverlord =
  'has no way to find Druid’s overlord. Set the property druid.overlord.urls, such as "http://overlord:8090", or zookeeper.connect, such as "zk:2181", at the top or in the dataSource.';
const missingZooKeeper = 'is "zookeeper", but there is none. Set zookeeper.connect, such as "zk:2181", or remove this.';

/**
 * The effective properties: of several layers of flat, dotted names the later wins. A null stands for the default, as in
 * Tranquility.
 * @param own the dataSource's layer, in which global-only properties are refused.
 * @returns `undefined` when something is wrong, which the cursors' problems then tell.
 */
export function readProperties(layers: readonly Cursor[], own: Cursor): PropertyValues | undefined {
  const { problems } = own;
  const errorsBefore = problems.errors.length;
  const given = givenIn(layers);
  if (isJsonObject(own.value)) refuseGlobals(own);
  warnOfUnknown(given.values());

  const values: Record<string, unknown> = readTable(properties, given);
  const isGiven = (name: PropertyName): boolean => given.get(name)?.isAbsent === false;
  if (!isGiven('druid.overlord.urls') && !isGiven('zookeeper.connect')) {
    problems.error(own.path.slice(0, -1), missingOverlord);
  }
  if (values['tranquility.coordination'] === 'zookeeper' && !isGiven('zookeeper.connect')) {
    given.get('tranquility.coordination')?.fail(missingZooKeeper);
  }
  if (!isGiven('druid.tls.enable')) {
    values['druid.tls.enable'] = (values as Partial<PropertyValues>)['druid.overlord.urls']?.some(isTls) === true;
  }
  if (isGiven('zookeeper.connect') && !isGiven('tranquility.coordination')) {
    values['tranquility.coordination'] = 'zookeeper';
  }
  if (problems.errors.length === errorsBefore) {
    checkSecurity(values as PropertyValues, given);
    checkPull(values as PropertyValues, given);
    checkAppend(values as PropertyValues, given);
  }
  return problems.errors.length > errorsBefore ? undefined : (values as PropertyValues);
}

/** What the layers have, by name: of a name in several, that of the last. */
export function givenIn(layers: readonly Cursor[]): Map<string, Cursor> {
  const given = new Map<string, Cursor>();
  for (const layer of layers) {
    if (layer.isAbsent || layer.object('Properties are an object of names and values.') === undefined) continue;
    for (const key of Object.keys(layer.value as object)) given.set(key, layer.get(key));
  }
  return given;
}

/** The values of a table's properties, defaults filled in. What is wrong, the cursors' problems tell. */
export function readTable<T extends PropertyTable>(table: T, given: ReadonlyMap<string, Cursor>): ValuesOf<T> {
  const values = Object.entries(table).map(([name, property]) => [name, readProperty(property, given.get(name))]);
  return Object.fromEntries(values) as ValuesOf<T>;
}

/**
 * The value of a property, or its default; `undefined` too when the value is wrong, which the cursor's problems then tell.
 */
export function readProperty(property: Property<unknown>, cursor: Cursor | undefined): unknown {
  const fallback = property.default === undefined ? undefined : property.kind.read(property.default);
  if (cursor === undefined || cursor.isAbsent) return fallback;
  const shown = property.secret === true ? 'a secret' : withoutUserInfo(show(cursor.value));
  const value = readValue(property.kind, cursor.value);
  // What is no value of its kind is none that is taken either, and the reason says what to do.
  if (property.only !== undefined && JSON.stringify(value) !== JSON.stringify(property.only.value)) {
    return cursor.fail(`is ${shown}. ${property.only.reason}`);
  }
  if (value === undefined) return cursor.fail(`is ${shown}, not ${property.kind.expected}.`);
  return value;
}

/** Credentials in a URL are refused; the error must not show them either. */
function withoutUserInfo(text: string): string {
  return text.replaceAll(/\/\/[^/@,\s]*@/g, '//[secret]@');
}

function readValue(kind: PropertyKind<unknown>, value: unknown): unknown {
  if (kind.isLiteral === true && typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
  if (isText(value)) return kind.read(String(value).trim());
  return isJsonObject(value) ? kind.readObject?.(value) : undefined;
}

const isText = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function refuseGlobals(own: Cursor): void {
  for (const key of Object.keys(own.value as object)) {
    if (globalOnly.test(key)) own.get(key).fail('is one for the whole file. Move it to the top-level "properties".');
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
