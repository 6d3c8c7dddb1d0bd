import { randomUUID } from 'node:crypto';
import { druidException, json, type Answer } from '../http/answer.js';
import type { SandboxRequest } from '../http/request.js';
import type { Routes } from '../http/routes.js';
import { at, isJsonObject, type JsonObject } from '../json.js';
import { jsonOf, type SqlResult } from './result.js';
import type { SqlEngine, SqlParameter } from './sql-engine.js';
import { SqlFault } from './sql-fault.js';

/** `POST /druid/v2/sql`, as a broker and a router answer it. */
export function sqlRoutes(engine: SqlEngine): Routes {
  return { 'POST /druid/v2/sql': (request) => answer(engine, request) };
}

async function answer(engine: SqlEngine, request: SandboxRequest): Promise<Answer> {
  const { query, refusal } = readQuery(request);
  if (query === undefined) return refusal;
  const id = at(query, 'context', 'sqlQueryId');
  const queryId = typeof id === 'string' ? id : randomUUID();
  const ids = { 'x-druid-query-id': queryId, 'x-druid-sql-query-id': queryId };
  try {
    const result = await engine.query(String(query['query']), readParameters(query['parameters']));
    const isHeaded = query['header'] === true;
    const headers = isHeaded ? { ...ids, 'x-druid-sql-header-included': 'yes' } : ids;
    return render(result, query, headers);
  } catch (error) {
    if (!(error instanceof SqlFault)) throw error;
    const { message, context } = error;
    const refused = druidException(400, { category: 'INVALID_INPUT', errorMessage: message, context });
    return { ...refused, headers: { ...refused.headers, ...ids } };
  }
}

type QueryOrRefusal =
  { readonly query: JsonObject; readonly refusal?: never } | { readonly query?: never; readonly refusal: Answer };

function readQuery(request: SandboxRequest): QueryOrRefusal {
  let query: unknown;
  try {
    query = JSON.parse(request.body.toString());
  } catch (error) {
    return unknown(
      error instanceof Error ? error.message : String(error),
      'com.fasterxml.jackson.core.JsonParseException',
    );
  }
  if (isJsonObject(query) && typeof query['query'] === 'string') return { query };
  return unknown(
    'Cannot construct instance of `org.apache.druid.sql.http.SqlQuery`, problem: query',
    'com.fasterxml.jackson.databind.exc.ValueInstantiationException',
  );
}

function unknown(errorMessage: string, errorClass: string): QueryOrRefusal {
  return { refusal: json({ error: 'Unknown exception', errorMessage, errorClass, host: null }, 400) };
}

function readParameters(parameters: unknown): SqlParameter[] {
  const list = Array.isArray(parameters) ? (parameters as unknown[]) : [];
  return list.map((parameter) => {
    const value = at(parameter, 'value');
    return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : null;
  });
}

/** In the result format that the query asks for. */
function render(result: SqlResult, query: JsonObject, headers: Readonly<Record<string, string>>): Answer {
  const heads = headersOf(result, query);
  const rows = result.rows.map((row) => row.map(jsonOf));
  const array = (cells: readonly string[]): string => `[${cells.join(',')}]`;
  const object = (cells: readonly string[]): string =>
    `{${cells.map((cell, index) => `${JSON.stringify(result.columns[index])}:${cell}`).join(',')}}`;
  const asJson = (lines: readonly string[]): Answer => text(`[${lines.join(',')}]\n`, headers);
  const asLines = (lines: readonly string[]): Answer => text(`${lines.map((line) => `${line}\n`).join('')}\n`, headers);
  switch (query['resultFormat'] ?? 'object') {
    case 'object':
      return asJson(rows.map(object));
    case 'array':
      return asJson([...heads.map((head) => JSON.stringify(head)), ...rows.map(array)]);
    case 'objectLines':
      return asLines(rows.map(object));
    case 'arrayLines':
      return asLines([...heads.map((head) => JSON.stringify(head)), ...rows.map(array)]);
    case 'csv':
      return asLines([...heads.map((head) => head.join(',')), ...result.rows.map((row) => row.map(csv).join(','))]);
    default:
      return druidException(400, {
        category: 'INVALID_INPUT',
        errorMessage: `The sandbox has no resultFormat ${JSON.stringify(query['resultFormat'])}: object, array, objectLines, arrayLines, csv.`,
        context: {},
      });
  }
}

function headersOf({ columns, types }: SqlResult, query: JsonObject): (readonly string[])[] {
  if (query['header'] !== true) return [];
  const heads = [columns];
  if (query['typesHeader'] === true) heads.push(types.map(({ native }) => native));
  if (query['sqlTypesHeader'] === true) heads.push(types.map(({ sql }) => sql));
  return heads;
}

/** Druid gives this type to every format. */
function text(body: string, headers: Readonly<Record<string, string>>): Answer {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body };
}

function csv(value: unknown): string {
  if (value === null) return '';
  const plain = typeof value === 'string' ? value : jsonOf(value);
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
