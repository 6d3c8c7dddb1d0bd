import { escapedClasses, inAnyCase, lineEnd, namedClass, negated, type CharClass } from './char-class.js';
import { Scan } from './scan.js';

/** What a pattern consists of. */
export type Node =
  | { readonly kind: 'char'; readonly matches: CharClass }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly from: number; readonly to: number; readonly lazy: boolean }
  | { readonly kind: 'group'; readonly node: Node; readonly index: number }
  | { readonly kind: 'at'; readonly place: 'start' | 'end' | 'last line end' | 'word edge' | 'no word edge' };

/** The deepest nesting of groups. */
const maxDepth = 100;
const mostRepeated = 500;
const characters: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

/**
 * Reads a regular expression of Java.
 * @throws Error that names what in it is wrong, or is not supported: what no engine can match in a time that grows with the text alone.
 */
export function parsePattern(text: string): { readonly node: Node; readonly groups: number } {
  const parser = new PatternParser(text);
  return { node: parser.whole(), groups: parser.groups };
}

class PatternParser {
  groups = 0;
  readonly #scan: Scan;
  #depth = 0;
  #anyCase = false;
  #dotAll = false;

  constructor(text: string) {
    this.#scan = new Scan(text);
  }

  whole(): Node {
    const node = this.#choice();
    if (!this.#scan.atEnd) this.#scan.fail('expected the end of the pattern');
    return node;
  }

  #choice(): Node {
    if (this.#depth++ > maxDepth) this.#scan.fail(`groups are nested deeper than ${maxDepth}`);
    const nodes = [this.#sequence()];
    while (this.#scan.take('|')) nodes.push(this.#sequence());
    this.#depth--;
    return (nodes.length === 1 ? nodes[0] : undefined) ?? { kind: 'choice', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (!this.#scan.atEnd && this.#scan.next !== '|' && this.#scan.next !== ')') {
      if (this.#scan.take('\\Q')) nodes.push(...this.#verbatim());
      else nodes.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', nodes };
  }

  #verbatim(): Node[] {
    const end = this.#scan.text.indexOf('\\E', this.#scan.at);
    const text = this.#scan.text.slice(this.#scan.at, end < 0 ? undefined : end);
    this.#scan.at += text.length + (end < 0 ? 0 : 2);
    return Array.from(text, (each) => this.#literal(each.codePointAt(0) ?? 0));
  }

  #repeated(node: Node): Node {
    const quantifier = this.#scan.match(/[*+?]|\{\d+(?:,\d*)?\}/y);
    if (quantifier === undefined) return node;
    if (this.#scan.next === '+') this.#scan.fail('possessive quantifiers are not supported');
    const [from, to] = bounds(quantifier);
    if (from > mostRepeated || (to > mostRepeated && to !== Infinity)) {
      this.#scan.fail(`a repetition of more than ${mostRepeated} times is not supported`);
    }
    if (from > to) this.#scan.fail('a repetition ends before it begins');
    if (to > 1 && mayBeEmpty(node) && hasGroup(node)) {
      this.#scan.fail('a repetition of a group that may match nothing is not supported');
    }
    return { kind: 'repeat', node, from, to, lazy: this.#scan.take('?') };
  }

  #atom(): Node {
    const scan = this.#scan;
    if (scan.take('(')) return this.#group();
    if (scan.take('[')) return { kind: 'char', matches: this.#folded(this.#class()) };
    if (scan.take('.')) return { kind: 'char', matches: this.#dotAll ? () => true : negated(lineEnd) };
    if (scan.take('^')) return { kind: 'at', place: 'start' };
    if (scan.take('$')) return { kind: 'at', place: 'last line end' };
    if (scan.take('\\')) return this.#escape();
    if (/[*+?{]/.test(scan.next)) scan.fail('nothing stands here to be repeated');
    return this.#literal(this.#codePoint());
  }

  #group(): Node {
    const scan = this.#scan;
    if (!scan.take('?')) return this.#inner(++this.groups);
    if (scan.take(':')) return this.#inner(0);
    if (scan.match(/<[A-Za-z][A-Za-z0-9]*>/y) !== undefined) return this.#inner(++this.groups);
    const flags = scan.match(/[is]+\)/y);
    if (flags !== undefined) {
      if (scan.at !== flags.length + 2) scan.fail('flags are supported at the beginning of the pattern only');
      this.#anyCase = flags.includes('i');
      this.#dotAll = flags.includes('s');
      return { kind: 'sequence', nodes: [] };
    }
    const kinds: Readonly<Record<string, string>> = {
      '=': 'lookahead',
      '!': 'lookahead',
      '<': 'lookbehind',
      '>': 'atomic groups',
    };
    return scan.fail(
      `${kinds[scan.next] ?? 'flags other than i and s'} are not supported`.replace(/(look\w+) are/, '$1 is'),
    );
  }

  /** @param index the number of the group; 0 of one that is not kept. */
  #inner(index: number): Node {
    const node = this.#choice();
    this.#scan.expect(')');
    return index === 0 ? node : { kind: 'group', node, index };
  }

  #escape(): Node {
    const scan = this.#scan;
    const place = ({ b: 'word edge', B: 'no word edge', A: 'start', z: 'end', Z: 'last line end' } as const)[scan.next];
    if (place !== undefined) {
      scan.at++;
      return { kind: 'at', place };
    }
    if (/[1-9k]/.test(scan.next)) scan.fail('back references are not supported');
    const matches = this.#escapedClass();
    return matches === undefined
      ? this.#literal(this.#escapedCharacter())
      : { kind: 'char', matches: this.#folded(matches) };
  }

  #escapedClass(): CharClass | undefined {
    const scan = this.#scan;
    const known = Object.hasOwn(escapedClasses, scan.next) ? escapedClasses[scan.next] : undefined;
    if (known !== undefined) {
      scan.at++;
      return known;
    }
    const start = scan.at;
    const name = scan.match(/[pP](?:\{\w+\}|[A-Z])/y);
    if (name === undefined) return undefined;
    const matches = namedClass(name.slice(1).replace(/[{}]/g, ''));
    if (matches === undefined) {
      scan.at = start;
      return scan.fail('this class of characters is not supported');
    }
    return name.startsWith('P') ? negated(matches) : matches;
  }

  #escapedCharacter(): number {
    const scan = this.#scan;
    const code = scan.match(/u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|x\{[\dA-Fa-f]{1,6}\}/y);
    if (code !== undefined) return Math.min(parseInt(code.replace(/[^\dA-Fa-f]/g, ''), 16), 0x10ffff);
    const named = characters[scan.next];
    if (named !== undefined) {
      scan.at++;
      return named;
    }
    if (scan.atEnd || /\w/.test(scan.next)) scan.fail('this escape is not supported');
    return this.#codePoint();
  }

  #class(): CharClass {
    const scan = this.#scan;
    const isNegated = scan.take('^');
    const parts: CharClass[] = [];
    for (let first = true; first || scan.next !== ']'; first = false) {
      if (scan.atEnd) scan.fail('the class is not closed');
      if (scan.next === '[') scan.fail('classes within classes are not supported');
      if (scan.text.startsWith('&&', scan.at)) scan.fail('intersections of classes are not supported');
      parts.push(this.#classPart());
    }
    scan.at++;
    const any: CharClass = (code) => parts.some((part) => part(code));
    return isNegated ? negated(this.#folded(any)) : any;
  }

  #classPart(): CharClass {
    const scan = this.#scan;
    if (scan.take('\\')) {
      const matches = this.#escapedClass();
      if (matches !== undefined) return matches;
      return this.#range(this.#escapedCharacter());
    }
    return this.#range(this.#codePoint());
  }

  #range(from: number): CharClass {
    const scan = this.#scan;
    if (!/^-[^\]]/.test(scan.text.slice(scan.at, scan.at + 2))) return (code) => code === from;
    scan.at++;
    const to = scan.take('\\') ? this.#escapedCharacter() : this.#codePoint();
    if (to < from) scan.fail('a range ends before it begins');
    return (code) => code >= from && code <= to;
  }

  #codePoint(): number {
    const code = this.#scan.text.codePointAt(this.#scan.at) ?? 0;
    this.#scan.at += code > 0xffff ? 2 : 1;
    return code;
  }

  #literal(character: number): Node {
    return { kind: 'char', matches: this.#folded((code) => code === character) };
  }

  #folded(matches: CharClass): CharClass {
    return this.#anyCase ? inAnyCase(matches) : matches;
  }
}

function bounds(quantifier: string): [number, number] {
  if (quantifier === '*') return [0, Infinity];
  if (quantifier === '+') return [1, Infinity];
  if (quantifier === '?') return [0, 1];
  const [from = '', to] = quantifier.slice(1, -1).split(',');
  return [Number(from), to === undefined ? Number(from) : to === '' ? Infinity : Number(to)];
}

/** Whether a part can match without taking a character. */
function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'char':
      return false;
    case 'at':
      return true;
    case 'sequence':
      return node.nodes.every(mayBeEmpty);
    case 'choice':
      return node.nodes.some(mayBeEmpty);
    case 'repeat':
      return node.from === 0 || mayBeEmpty(node.node);
    case 'group':
      return mayBeEmpty(node.node);
  }
}

function hasGroup(node: Node): boolean {
  if (node.kind === 'group') return true;
  if (node.kind === 'repeat') return hasGroup(node.node);
  return (node.kind === 'sequence' || node.kind === 'choice') && node.nodes.some(hasGroup);
}
