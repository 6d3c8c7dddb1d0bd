/** @import { Counters, LiveDataSource, Point, Rejection } from '../types.js' */

/** How much of the past is drawn, in milliseconds. */
export const span = 180_000;

/** What one dataSource did lately, a point for each look at its counters. */
export class History {
  /** @type {Point[]} */
  points = [];
  /** @type {{ at: number, received: number, sent: number, rejected: number } | undefined} */
  #before;

  /**
   * @param {number} at epoch milliseconds of the server.
   * @param {LiveDataSource} live
   * @param {readonly Rejection[]} rejections of the dataSource.
   */
  add(at, live, rejections) {
    const { received, sent, rejected } = totals(live.counters, rejections);
    const { p50, p99 } = live.posts;
    const before = this.#before;
    // Another process, or the same answer once more.
    const isSame = before !== undefined && at <= before.at;
    const isNew = before !== undefined && (received < before.received || rejected < before.rejected);
    if (isNew) this.points = [];
    if (!isSame || isNew) this.#before = { at, received, sent, rejected };
    if (before === undefined || isNew || isSame) return;
    const each = (/** @type {number} */ now, /** @type {number} */ then) => ((now - then) * 1000) / (at - before.at);
    this.points = this.points.filter((point) => point.at > at - span);
    this.points.push({
      at,
      received: each(received, before.received),
      sent: Math.max(0, each(sent, before.sent)),
      rejected: each(rejected, before.rejected),
      p50,
      p99,
    });
  }

  /** The latest point, if there is one. */
  get last() {
    return this.points.at(-1);
  }
}

/**
 * All that came and what became of it. The sender does not count what could not even be read.
 * @param {Counters} counters @param {readonly Rejection[]} rejections of the dataSource.
 */
export function totals({ received, sent, dropped, failed }, rejections) {
  const sum = (/** @type {readonly number[]} */ numbers) => numbers.reduce((all, one) => all + one, 0);
  const counted = sum(Object.values(dropped));
  const rejected = sum(rejections.filter(({ reason }) => reason !== 'failed').map(({ count }) => count));
  return {
    received: received + Math.max(0, rejected - counted),
    sent,
    rejected: Math.max(rejected, counted),
    failed,
    underWay: Math.max(0, received - sent - counted - failed),
  };
}
