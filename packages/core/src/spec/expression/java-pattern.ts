import { lineEnd, wordCharacter, type CharClass } from './char-class.js';
import { parsePattern, type Node } from './pattern-syntax.js';

type Instruction =
  | { readonly op: 'char'; readonly matches: CharClass }
  /** Goes on at `first`, and at `second` if that fails. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'at'; readonly place: (Node & { kind: 'at' })['place'] }
  /** The whole text must be matched here. */
  | { readonly op: 'done' };

/** A pattern of more instructions is refused: each costs a bit for each character of a text. */
const maxInstructions = 1000;
/** The most that the length of a text times that of the pattern may be: it bounds the memory of a match to some 100 MB. */
const maxBits = 2 ** 23;

/**
 * A regular expression of Java that must match a text as a whole. It tries what Java tries in the same order, but nothing twice, so its
 * time grows with the length of the text times that of the pattern, whatever they are.
 */
export class JavaPattern {
  /** As the user wrote it. */
  readonly source: string;
  /** How many groups it has. */
  readonly groups: number;
  readonly #program: Instruction[] = [];
  #visited = new Uint32Array(64);

  /** @throws Error that names what in the pattern is wrong or not supported. */
  constructor(pattern: string) {
    const { node, groups } = parsePattern(pattern);
    this.source = pattern;
    this.groups = groups;
    this.#compile(node);
    this.#add({ op: 'done' });
  }

  /**
   * The text of each group, `undefined` for one that took no part; or `undefined` when the pattern does not match the whole text.
   * @throws Error when the text is too long for the pattern.
   */
  match(text: string): (string | undefined)[] | undefined {
    const saved = this.#run(text);
    if (saved === undefined) return undefined;
    return Array.from({ length: this.groups }, (_, index) => {
      const [from, to] = [saved[index * 2] ?? -1, saved[index * 2 + 1] ?? -1];
      return from < 0 || to < 0 ? undefined : text.slice(from, to);
    });
  }

  #run(text: string): Int32Array | undefined {
    const program = this.#program;
    const width = text.length + 1;
    const visited = this.#clear(program.length * width);
    const saved = new Int32Array(this.groups * 2).fill(-1);
    // Pairs of an instruction and a place; or of the complement of a slot, and what it held before.
    const stack: number[] = [0, 0];
    while (stack.length > 0) {
      let at = stack.pop() ?? 0;
      let pc = stack.pop() ?? 0;
      if (pc < 0) {
        saved[~pc] = at;
        continue;
      }
      for (;;) {
        const bit = pc * width + at;
        const mask = 1 << (bit & 31);
        if (((visited[bit >>> 5] ?? 0) & mask) !== 0) break;
        visited[bit >>> 5] = (visited[bit >>> 5] ?? 0) | mask;
        const instruction = program[pc];
        if (instruction === undefined) break;
        if (instruction.op === 'char') {
          const code = text.codePointAt(at);
          if (code === undefined || !instruction.matches(code)) break;
          at += code > 0xffff ? 2 : 1;
          pc++;
        } else if (instruction.op === 'split') {
          stack.push(instruction.second, at);
          pc = instruction.first;
        } else if (instruction.op === 'jump') {
          pc = instruction.to;
        } else if (instruction.op === 'save') {
          stack.push(~instruction.slot, saved[instruction.slot] ?? -1);
          saved[instruction.slot] = at;
          pc++;
        } else if (instruction.op === 'at') {
          if (!isAt(instruction.place, text, at)) break;
          pc++;
        } else {
          if (at === text.length) return saved;
          break;
        }
      }
    }
    return undefined;
  }

  #clear(bits: number): Uint32Array {
    if (bits > maxBits) throw new Error('The text is too long for this pattern.');
    const words = (bits >>> 5) + 1;
    if (words > this.#visited.length || (this.#visited.length > 65_536 && words < 4096)) {
      this.#visited = new Uint32Array(words);
    } else this.#visited.fill(0, 0, words);
    return this.#visited;
  }

  #add(instruction: Instruction): number {
    if (this.#program.length >= maxInstructions) throw new Error('The pattern is too large.');
    return this.#program.push(instruction) - 1;
  }

  #compile(node: Node): void {
    switch (node.kind) {
      case 'char':
        this.#add({ op: 'char', matches: node.matches });
        break;
      case 'at':
        this.#add({ op: 'at', place: node.place });
        break;
      case 'sequence':
        for (const each of node.nodes) this.#compile(each);
        break;
      case 'group':
        this.#add({ op: 'save', slot: node.index * 2 - 2 });
        this.#compile(node.node);
        this.#add({ op: 'save', slot: node.index * 2 - 1 });
        break;
      case 'choice':
        this.#choose(node.nodes);
        break;
      case 'repeat':
        this.#repeat(node);
        break;
    }
  }

  #choose(nodes: readonly Node[]): void {
    const jumps: (Instruction & { op: 'jump' })[] = [];
    nodes.forEach((node, index) => {
      if (index === nodes.length - 1) {
        this.#compile(node);
        return;
      }
      const split = this.#split();
      split.first = this.#program.length;
      this.#compile(node);
      const jump = { op: 'jump' as const, to: 0 };
      this.#add(jump);
      jumps.push(jump);
      split.second = this.#program.length;
    });
    for (const jump of jumps) jump.to = this.#program.length;
  }

  #repeat({ node, from, to, lazy }: Node & { kind: 'repeat' }): void {
    for (let i = 0; i < from; i++) this.#compile(node);
    if (to === Infinity) {
      const start = this.#program.length;
      const split = this.#split();
      this.#body(split, node, lazy);
      this.#add({ op: 'jump', to: start });
      this.#leave(split, lazy);
      return;
    }
    const splits: (Instruction & { op: 'split' })[] = [];
    for (let i = from; i < to; i++) {
      const split = this.#split();
      splits.push(split);
      this.#body(split, node, lazy);
    }
    for (const split of splits) this.#leave(split, lazy);
  }

  #split(): Instruction & { op: 'split' } {
    const split = { op: 'split' as const, first: 0, second: 0 };
    this.#add(split);
    return split;
  }

  #body(split: Instruction & { op: 'split' }, node: Node, lazy: boolean): void {
    split[lazy ? 'second' : 'first'] = this.#program.length;
    this.#compile(node);
  }

  #leave(split: Instruction & { op: 'split' }, lazy: boolean): void {
    split[lazy ? 'first' : 'second'] = this.#program.length;
  }
}

function isAt(place: (Node & { kind: 'at' })['place'], text: string, at: number): boolean {
  switch (place) {
    case 'start':
      return at === 0;
    case 'end':
      return at === text.length;
    case 'last line end':
      return at === text.length || isLastLineEnd(text, at);
    case 'word edge':
      return isWordAt(text, at - 1) !== isWordAt(text, at);
    case 'no word edge':
      return isWordAt(text, at - 1) === isWordAt(text, at);
  }
}

function isLastLineEnd(text: string, at: number): boolean {
  if (at === text.length - 1) return lineEnd(text.charCodeAt(at)) && !(text[at] === '\n' && text[at - 1] === '\r');
  return at === text.length - 2 && text.slice(at) === '\r\n';
}

function isWordAt(text: string, at: number): boolean {
  const code = text.codePointAt(at);
  return at >= 0 && code !== undefined && wordCharacter(code);
}
