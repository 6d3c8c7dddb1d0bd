import { Buffer } from 'node:buffer';
import type { JsonObject } from '../spec/json.js';
import { longestNumber, writeNumber } from './json-number.js';
import type { RowBatch } from './row-batch.js';

const [quote, comma, backslash, openObject, closeObject] = [34, 44, 92, 123, 125];

/** Left open behind a row, for what stands between two. */
const spare = 4;

/** How many names of fields are remembered; events with ever new ones must not fill the memory. */
const mostKeys = 10_000;
const mostInOrder = 200;

/** 1 for the ASCII that stands for itself in a string. */
const plain = Uint8Array.from({ length: 128 }, (_, unit) =>
  unit >= 32 && unit !== quote && unit !== backslash ? 1 : 0,
);

/**
 * Writes events as JSON straight to where they are sent from: the same text as `JSON.stringify`, for the fields that are wanted. It is as
 * quick as `JSON.stringify` of a thousand events at a time, but takes each when it comes, so an event may be changed afterwards and one that
 * cannot be written spoils no other.
 */
export class JsonEncoder {
  readonly #wants: (name: string) => boolean;
  /** The names seen so far, as `"name":`; empty where a field is left out. */
  readonly #keys = new Map<string, Uint8Array>();
  /** The names of the last event in their order, as most events are like the one before. */
  readonly #lastNames: string[] = [];
  readonly #lastKeys: Uint8Array[] = [];
  #index = 0;

  constructor(wants: (name: string) => boolean) {
    this.#wants = wants;
  }

  /**
   * Writes an event where the next row begins.
   * @param column written as `millis` whatever the event has there, if given
   * @returns its length in bytes
   * @throws what a getter, a `toJSON` or `JSON.stringify` throws; the rows are then as they were
   */
  write(event: JsonObject, rows: RowBatch, column?: string, millis = 0): number {
    rows.begin(256);
    this.#index = 0;
    let at = rows.start;
    rows.block[at++] = openObject;
    let isWritten = column === undefined;
    const names = isOrdinary(event) ? undefined : Object.keys(event);
    if (names === undefined) {
      // Ordinary objects have no enumerable field that is not their own.
      for (const name in event) {
        if (name === column) isWritten = true;
        at = this.#member(rows, at, name, name === column ? millis : event[name]);
      }
    } else {
      for (const name of names) {
        if (name === column) isWritten = true;
        at = this.#member(rows, at, name, name === column ? millis : event[name]);
      }
    }
    if (!isWritten && column !== undefined) at = this.#member(rows, at, column, millis);
    const last = at - 1;
    if (rows.block[last] === comma) at = last;
    at = roomFor(rows, at, 1);
    rows.block[at++] = closeObject;
    return at - rows.start;
  }

  /** Writes a field and a comma behind it. */
  #member(rows: RowBatch, at: number, name: string, value: unknown): number {
    const index = this.#index++;
    const key = (this.#lastNames[index] === name ? this.#lastKeys[index] : undefined) ?? this.#keyOf(name, index);
    if (key.length === 0) return at;
    if (typeof value === 'string') return writeText(rows, writeKey(rows, at, key, value.length + 3), value);
    if (typeof value === 'number') {
      const from = writeKey(rows, at, key, longestNumber + 1);
      const end = writeNumber(rows.block, from, value);
      rows.block[end] = comma;
      return end + 1;
    }
    const json = JSON.stringify(value) as string | undefined;
    // As in JSON.stringify, a field without JSON (undefined, a function) is left out.
    if (json === undefined) return at;
    const from = writeKey(rows, at, key, json.length * 3 + 1);
    const end = from + rows.block.write(json, from);
    rows.block[end] = comma;
    return end + 1;
  }

  #keyOf(name: string, index: number): Uint8Array {
    const key = this.#keys.get(name) ?? this.#newKey(name);
    if (index < mostInOrder) {
      this.#lastNames[index] = name;
      this.#lastKeys[index] = key;
    }
    return key;
  }

  #newKey(name: string): Uint8Array {
    const key = this.#wants(name) ? Uint8Array.from(Buffer.from(`${JSON.stringify(name)}:`)) : new Uint8Array(0);
    if (this.#keys.size < mostKeys) this.#keys.set(name, key);
    return key;
  }
}

function isOrdinary(event: JsonObject): boolean {
  const prototype: unknown = Object.getPrototypeOf(event);
  return prototype === Object.prototype || prototype === null;
}

/** Makes room for `size` bytes behind what is written of the row. Gives the offset, which may have moved. */
function roomFor(rows: RowBatch, at: number, size: number): number {
  if (at + size + spare <= rows.block.length) return at;
  const written = at - rows.start;
  rows.grow(written, size);
  return rows.start + written;
}

function writeKey(rows: RowBatch, at: number, key: Uint8Array, sizeOfValue: number): number {
  const from = roomFor(rows, at, key.length + sizeOfValue);
  const { block } = rows;
  for (let i = 0; i < key.length; i++) block[from + i] = key[i] ?? 0;
  return from + key.length;
}

function writeText(rows: RowBatch, from: number, value: string): number {
  const { block } = rows;
  let at = from;
  block[at++] = quote;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 127 || plain[unit] === 0) return writeAnyText(rows, from, value);
    block[at++] = unit;
  }
  block[at++] = quote;
  block[at++] = comma;
  return at;
}

function writeAnyText(rows: RowBatch, from: number, value: string): number {
  const json = JSON.stringify(value);
  let at = roomFor(rows, from, json.length * 3 + 1);
  at += rows.block.write(json, at);
  rows.block[at++] = comma;
  return at;
}
