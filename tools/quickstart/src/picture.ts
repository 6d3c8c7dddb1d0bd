import type { CounterSnapshot } from '@tranquility-js/core';
import type { Writable } from 'node:stream';

/** What the picture shows. */
export interface Moment {
  readonly second: number;
  readonly counters: CounterSnapshot;
  /** Events acknowledged in the last second. */
  readonly rate: number;
  /** From handing an event in until it is acknowledged, in milliseconds; of the last second. */
  readonly latency: { readonly median: number; readonly worst: number } | undefined;
  /** Statuses by id. */
  readonly tasks: readonly { readonly id: string; readonly status: string }[];
}

/** A picture that is drawn anew in place at a terminal, and below the last one elsewhere. */
export class Picture {
  readonly #out: Writable & { readonly isTTY?: boolean };
  #height = 0;

  constructor(out: Writable & { readonly isTTY?: boolean }) {
    this.#out = out;
  }

  draw(moment: Moment): void {
    const lines = this.#out.isTTY === true ? portrait(moment) : [sentence(moment)];
    const up = this.#height === 0 || this.#out.isTTY !== true ? '' : `\u001B[${this.#height}A`;
    this.#out.write(`${up}${lines.map((line) => `${this.#out.isTTY === true ? '\u001B[2K' : ''}${line}\n`).join('')}`);
    this.#height = lines.length;
  }
}

const number = (value: number): string => value.toLocaleString('en-US');

function portrait({ second, counters, rate, latency, tasks }: Moment): string[] {
  const bar = '█'.repeat(Math.min(40, Math.round(rate / 100)));
  return [
    `  ${String(second).padStart(3)} s`,
    `  rate     ${number(rate).padStart(9)} events/s  ${bar}`,
    `  sent     ${number(counters.sent).padStart(9)}`,
    `  dropped  ${number(sumOf(counters.dropped)).padStart(9)}${reasons(counters.dropped)}`,
    `  failed   ${number(counters.failed).padStart(9)}`,
    `  latency  ${latencyText(latency)}`,
    ...(tasks.length === 0
      ? ['  task     not there yet']
      : tasks.map(({ id, status }) => `  task     ${status}  ${id}`)),
  ];
}

function sentence({ second, counters, rate, latency, tasks }: Moment): string {
  const dropped = `${number(sumOf(counters.dropped))} dropped${reasons(counters.dropped)}`;
  return `  ${second} s: ${number(rate)} events/s, ${number(counters.sent)} sent, ${dropped}, latency ${latencyText(latency)}, tasks: ${tasks.length}`;
}

function latencyText(latency: Moment['latency']): string {
  if (latency === undefined) return 'none measured yet';
  return `${latency.median.toFixed(1)} ms, at most ${latency.worst.toFixed(1)} ms`;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function reasons(dropped: Readonly<Record<string, number>>): string {
  const entries = Object.entries(dropped);
  return entries.length === 0 ? '' : ` (${entries.map(([reason, count]) => `${reason} ${number(count)}`).join(', ')})`;
}
