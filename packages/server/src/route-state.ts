import { CounterFamily, Histogram, MetricsRegistry, processMetrics, senderMetrics } from '@tranquility-js/operations';
import { Live } from './console/live.js';
import type { DeadLetterFile } from './dead-letter-file.js';
import { DruidLook } from './druid-look.js';
import { HeldBytes } from './post/held-bytes.js';
import { Idempotency } from './post/idempotency.js';
import type { ServerProperties } from './properties.js';
import { Readiness } from './readiness.js';
import type { Senders } from './senders.js';
import { ServerStatus } from './server-status.js';

/** What the routes know beyond one request. One for all listeners of a server, so that it does not matter which a client asks. */
export class RouteState {
  readonly idempotency: Idempotency;
  readonly requests = new CounterFamily(
    'tranquility_http_requests_total',
    'POSTs, by status; aborted: the client left before its body had ended.',
    ['status'],
  );
  readonly latency = new Histogram(
    'tranquility_http_post_seconds',
    'How long POSTs took that were answered 200, in seconds.',
  );
  readonly metrics = new MetricsRegistry();
  readonly heldBytes: HeldBytes;
  readonly live: Live;
  readonly readiness: Readiness;
  readonly status: ServerStatus;
  readonly #senders: Senders;

  /** @param notReady why nothing is taken now, beside what Druid has to do with it. */
  constructor(senders: Senders, limits: ServerProperties, notReady?: () => string | undefined) {
    this.#senders = senders;
    this.idempotency = new Idempotency(limits['http.idempotencyPeriod'].millis);
    this.heldBytes = new HeldBytes(16 * limits['http.maxStrictBytes']);
    this.live = new Live(senders);
    const druid = new DruidLook(senders);
    this.readiness = new Readiness(senders, druid, notReady);
    this.status = new ServerStatus(senders, druid, this.readiness);
    this.metrics.add(
      senderMetrics(() =>
        senders.all.map(({ config, lane, counters }) => ({
          dataSource: config.dataSource,
          lane: lane?.lane ?? 'unknown',
          counters,
          ...(lane?.relay === undefined ? {} : { waiting: lane.relay.waiting }),
        })),
      ),
    );
    this.metrics.add(() => [this.requests.metric(), this.latency.metric()]);
    this.metrics.add(processMetrics());
  }

  /**
   * From now on shows and keeps events that were answered for and are dropped when they come out of a journal, and shows whether events can be
   * kept.
   */
  keepDrops(deadLetters: DeadLetterFile | undefined): void {
    this.status.watch(deadLetters);
    this.#senders.onDropped((drop) => {
      this.live.rejections.add(drop);
      deadLetters?.add(drop);
    });
  }
}
