/** A stretch of records that get their outcomes, in any order. */
export class Stretch<P> {
  readonly #done: () => void;
  #open = 0;
  #end: P | undefined;
  #isClosed = false;

  constructor(done: () => void) {
    this.#done = done;
  }

  /** Whether all of it is settled, and nothing more comes. */
  get isDone(): boolean {
    return this.#isClosed && this.#open === 0;
  }

  /** Where to go on behind it; nothing where that is where it began. */
  get end(): P | undefined {
    return this.#end;
  }

  /** Says that so many more of its events are without an outcome. */
  expect(count: number): void {
    this.#open += count;
  }

  /** Says that so many of its events have their outcome. */
  settle(count: number): void {
    this.#open -= count;
    if (this.#open === 0 && this.#isClosed) this.#done();
  }

  /** Says that nothing more comes to it, and where to go on behind it: nothing if that is where it began. */
  close(end: P | undefined): void {
    this.#isClosed = true;
    this.#end = end;
    if (this.#open === 0) this.#done();
  }
}

/** Knows up to where all records of a partition have their outcome: what may be committed. */
export class Prefix<P> {
  #stretches: Stretch<P>[] = [];
  #settled: P | undefined;
  readonly #moved: () => void;

  /** @param moved called each time that it has moved on. */
  constructor(moved: () => void) {
    this.#moved = moved;
  }

  /** Where to go on; nothing before the first record is settled. */
  get settled(): P | undefined {
    return this.#settled;
  }

  /** Whether every record has its outcome. */
  get isComplete(): boolean {
    return this.#stretches.length === 0;
  }

  /** The stretch for the records that come next. */
  open(): Stretch<P> {
    const stretch = new Stretch<P>(this.#advance);
    this.#stretches.push(stretch);
    return stretch;
  }

  readonly #advance = (): void => {
    let done = 0;
    for (const { isDone, end } of this.#stretches) {
      if (!isDone) break;
      this.#settled = end ?? this.#settled;
      done++;
    }
    if (done === 0) return;
    this.#stretches.splice(0, done);
    this.#moved();
  };
}
