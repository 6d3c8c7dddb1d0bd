import { Cursor } from './cursor.js';
import { jqReader } from './expression/jq.js';
import { isMap } from './expression/values.js';
import { jsonPathReader } from './expression/json-path-read.js';
import type { JsonObject } from './json.js';
import { show } from './problems.js';

/** A column that a flattenSpec makes. */
interface FlattenField {
  readonly name: string;
  /** Gives the column's value; `null` or `undefined` for none. Throws an `Error` when the expression fails for the event. */
  readonly read: (event: JsonObject) => unknown;
}

/** How nested JSON becomes columns. */
export interface FlattenSpec {
  /** Whether the top-level fields are taken too, as far as they are scalars or lists of scalars. */
  readonly useFieldDiscovery: boolean;
  readonly fields: readonly FlattenField[];
  /** As the user wrote it. */
  readonly json: JsonObject;
}

/** Reads a flattenSpec of Druid; its expressions are compiled here, so that a mistake in one is found with the config. */
export function readFlattenSpec(cursor: Cursor): FlattenSpec | undefined {
  if (cursor.isAbsent) return undefined;
  const remedy = 'Give {"fields": [{"type": "path", "name": "city", "expr": "$.address.city"}]}, or leave it out.';
  const json = cursor.object(remedy);
  if (json === undefined) return undefined;
  const discovery = cursor.get('useFieldDiscovery');
  if (!discovery.isAbsent && typeof discovery.value !== 'boolean') {
    discovery.fail(`is ${show(discovery.value)}. Use true or false.`);
  }
  const list = cursor.get('fields');
  const given = list.isAbsent ? [] : (list.list('Give a list of fields.') ?? []);
  const names = new Set<string>();
  const fields: FlattenField[] = [];
  given.forEach((value, index) => {
    const at = new Cursor(value, [...list.path, index], list.problems);
    const field = typeof value === 'string' ? rootField(value, value) : readField(at);
    if (field === undefined) return;
    if (names.has(field.name))
      at.fail(`makes the column ${show(field.name)} a second time. Rename or remove one of them.`);
    names.add(field.name);
    fields.push(field);
  });
  return { useFieldDiscovery: discovery.value !== false, fields, json };
}

function readField(at: Cursor): FlattenField | undefined {
  if (at.object('A field is a name, or an object of "type", "name" and "expr".') === undefined) return undefined;
  const name = at.get('name').text('Name the column that it makes.');
  const type = at.get('type').text('Use "root", "path", "jq" or "tree".');
  if (name === undefined || type === undefined) return undefined;
  switch (type) {
    case 'root':
      return rootField(name, at.get('expr').isAbsent ? name : at.get('expr').text('Name the field that it takes.'));
    case 'path':
      return compiled(name, at.get('expr'), jsonPathReader, 'Give a JsonPath such as "$.address.city".');
    case 'jq':
      return compiled(name, at.get('expr'), jqReader, 'Give a jq expression such as ".address.city".');
    case 'tree':
      return treeField(name, at.get('nodes'));
    default:
      return at.get('type').fail(`is ${show(type)}. Use "root", "path", "jq" or "tree".`);
  }
}

function rootField(name: string, field: string | undefined): FlattenField | undefined {
  return field === undefined ? undefined : { name, read: (event) => memberOf(event, field) };
}

function treeField(name: string, cursor: Cursor): FlattenField | undefined {
  const nodes = cursor.list('Give the names that lead to the value, outermost first.');
  if (nodes === undefined) return undefined;
  if (nodes.length === 0 || !nodes.every((node) => typeof node === 'string')) {
    return cursor.fail(`is ${show(nodes)}. Give the names that lead to the value, outermost first.`);
  }
  return { name, read: (event) => nodes.reduce<unknown>(memberOf, event) };
}

function compiled(
  name: string,
  cursor: Cursor,
  compile: (text: string) => FlattenField['read'],
  remedy: string,
): FlattenField | undefined {
  const text = cursor.text(remedy);
  if (text === undefined) return undefined;
  try {
    return { name, read: compile(text) };
  } catch (error) {
    return cursor.fail(`is ${show(text)}, which cannot be used. ${(error as Error).message}`);
  }
}

function memberOf(value: unknown, name: string): unknown {
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
