import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { findJsonFault } from '../spec/json-fault.js';
import type { Path } from '../spec/problems.js';

/** Where something stands in a text; both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** A config text that has been read, and where its parts stand. */
export interface ConfigText {
  readonly value: unknown;
  /** The place of the key or list element at the path, or of its nearest parent when it does not exist. */
  locate(path: Path): Place;
}

/**
 * Reads JSON (tabs included) or YAML 1.2. Text that looks like JSON but is not is read as YAML too, as Tranquility does,
 * unless a forgotten comma or quote would vanish in an unquoted text.
 * @param name what error messages call the text: its file.
 * @throws TRQ_CONFIG_SYNTAX with line and column.
 */
export function readConfigText(text: string, name: string): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const looksLikeJson = /^\uFEFF?\s*[[{]/.test(text);
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fail = (offset: number, problem: string): never => {
    const { line, column } = placeOf(offset);
    const language = looksLikeJson ? 'JSON' : 'YAML';
    throw new TranquilityError('TRQ_CONFIG_SYNTAX', `${name}:${line}:${column}: this is not ${language}: ${problem}`, {
      details: { file: name, line, column },
    });
  };

  const [error] = document.errors;
  const jsonFault = looksLikeJson ? findJsonFault(text.replace(/^\uFEFF/, ' ')) : undefined;
  if (jsonFault !== undefined && (error !== undefined || swallowedQuote(document))) {
    fail(jsonFault.at, `expected ${jsonFault.expected}, found ${jsonFault.found}`);
  }
  if (error !== undefined) fail(error.pos[0], error.message);
  return { value: toValue(document, fail), locate: (path) => placeOf(offsetOf(document, path)) };
}

function toValue(document: Document, fail: (offset: number, problem: string) => never): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return fail(0, messageOf(error));
  }
}

/** Whether an unquoted text holds a quote: the mark of JSON in which a comma or a quote is missing. */
function swallowedQuote(document: Document): boolean {
  let found = false;
  visit(document, {
    Scalar(_, node) {
      found ||= node.type === 'PLAIN' && node.source?.includes('"') === true;
    },
  });
  return found;
}

function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    let found: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      found = pair?.key;
      node = pair?.value;
    } else if (isSeq(node) && typeof step === 'number') {
      found = node = node.items[step];
    }
    if (!isNode(found)) break;
    offset = found.range?.[0] ?? offset;
  }
  return offset;
}
