import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Rows that are sent, and acknowledged, together. */
export const blockRows = 100;

/** What the process that sends writes down, a line each, before it goes on. */
export type Note =
  | { readonly kind: 'life' | 'ready' | 'closed'; readonly life: number }
  | { readonly kind: 'sent' | 'acked'; readonly life: number; readonly block: number }
  | { readonly kind: 'told'; readonly level: string; readonly message: string; readonly fields: object };

/** Writes a note. Whatever becomes of the process then, it is there. */
export function note(path: string, entry: Note): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

/** A row is its number and the life in which it was sent: sent again, it is another one. As one number, to be a key. */
export const rowKey = (n: number, life: number): number => n * 4096 + life;

/** What the process has written down so far, in all of its lives. */
export class Ledger {
  readonly notes: readonly Note[];

  private constructor(notes: readonly Note[]) {
    this.notes = notes;
  }

  static read(path: string): Ledger {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    // What is behind the last end of a line is being written.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return new Ledger(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Note));
  }

  get lives(): number {
    return this.#count('life');
  }

  /** How many blocks were acknowledged. */
  get acknowledged(): number {
    return this.#count('acked');
  }

  /** The block that nobody has sent yet. */
  get nextBlock(): number {
    return this.#blocks('sent').reduce((next, { block }) => Math.max(next, block + 1), 0);
  }

  /** Blocks that were sent, and of which nobody said that they have arrived: it goes on with these. */
  get inDoubt(): number[] {
    const acked = new Set(this.#blocks('acked').map(({ block }) => block));
    return [...new Set(this.#blocks('sent').map(({ block }) => block))].filter((block) => !acked.has(block));
  }

  /** The keys of all rows that were sent, or acknowledged. */
  rows(kind: 'sent' | 'acked'): Set<number> {
    const keys = new Set<number>();
    for (const { block, life } of this.#blocks(kind)) {
      for (let n = block * blockRows; n < (block + 1) * blockRows; n++) keys.add(rowKey(n, life));
    }
    return keys;
  }

  /** What the log said: the messages and fields that a user would find. */
  get told(): (Note & { kind: 'told' })[] {
    return this.notes.flatMap((entry) => (entry.kind === 'told' ? [entry] : []));
  }

  isWritten(kind: 'ready' | 'closed', life: number): boolean {
    return this.notes.some((entry) => entry.kind === kind && entry.life === life);
  }

  #blocks(kind: 'sent' | 'acked'): (Note & { kind: 'sent' | 'acked' })[] {
    return this.notes.flatMap((entry) => (entry.kind === kind ? [entry] : []));
  }

  #count(kind: Note['kind']): number {
    return this.notes.reduce((sum, entry) => sum + (entry.kind === kind ? 1 : 0), 0);
  }
}
