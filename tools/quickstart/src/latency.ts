/** Milliseconds that were measured, since they were last asked for. */
export class Latency {
  #millis: number[] = [];

  add(millis: number): void {
    this.#millis.push(millis);
  }

  /** The median and the worst; undefined if nothing was measured. Begins anew. */
  take(): { median: number; worst: number } | undefined {
    const sorted = this.#millis.sort((a, b) => a - b);
    this.#millis = [];
    const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    return median === undefined || worst === undefined ? undefined : { median, worst };
  }
}
