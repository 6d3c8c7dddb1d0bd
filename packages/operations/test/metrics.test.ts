import { describe, expect, it } from 'vitest';
import { CounterFamily } from '../src/metrics/counter-family.js';
import { Histogram } from '../src/metrics/histogram.js';
import { processMetrics } from '../src/metrics/process-metrics.js';
import { MetricsRegistry } from '../src/metrics/registry.js';
import { senderMetrics } from '../src/metrics/sender-metrics.js';

const none = { batches: 0, bytes: 0, retries: 0, tasksCreated: 0, tasksAdopted: 0, lost: 0 };

describe('the text of metrics', () => {
  it('has the counters of each sender, by dataSource and lane, and drops by reason', () => {
    const registry = new MetricsRegistry();
    const counters = { ...none, received: 5, sent: 3, failed: 0, dropped: { late: 2 } };
    registry.add(senderMetrics(() => [{ dataSource: 'a"b\\c\nd', lane: 'realtime', counters }]));
    const text = registry.text();
    expect(text).toContain('# TYPE tranquility_events_sent_total counter\n');
    expect(text).toContain('tranquility_events_sent_total{dataSource="a\\"b\\\\c\\nd",lane="realtime"} 3\n');
    expect(text).toContain(
      'tranquility_events_dropped_total{dataSource="a\\"b\\\\c\\nd",lane="realtime",reason="late"} 2\n',
    );
  });

  it('tells how many events wait in a journal, where there is one', () => {
    const counters = { ...none, received: 7, sent: 7, failed: 0, dropped: {} };
    const registry = new MetricsRegistry();
    registry.add(
      senderMetrics(() => [
        { dataSource: 'clicks', lane: 'realtime', counters, waiting: 7 },
        { dataSource: 'web', lane: 'pull', counters },
      ]),
    );
    const lines = registry.text().match(/^tranquility_journal_waiting_events.*/gm);
    expect(lines).toEqual(['tranquility_journal_waiting_events{dataSource="clicks",lane="realtime"} 7']);
  });

  it('counts durations by their upper bounds', () => {
    const histogram = new Histogram('push_seconds', 'How long.', [0.1, 1]);
    for (const seconds of [0.1, 0.2, 5]) histogram.observe(seconds);
    const registry = new MetricsRegistry();
    registry.add(() => [histogram.metric()]);
    expect(registry.text()).toBe(
      '# HELP push_seconds How long.\n# TYPE push_seconds histogram\n' +
        'push_seconds_bucket{le="0.1"} 1\npush_seconds_bucket{le="1"} 2\npush_seconds_bucket{le="+Inf"} 3\n' +
        'push_seconds_sum 5.3\npush_seconds_count 3\n',
    );
  });

  it('writes a metric of several sources once', () => {
    const registry = new MetricsRegistry();
    for (const route of ['a', 'b']) {
      const family = new CounterFamily('requests_total', 'Requests.', ['route']);
      family.add({ route });
      family.add({ route }, 2);
      registry.add(() => [family.metric()]);
    }
    expect(registry.text()).toBe(
      '# HELP requests_total Requests.\n# TYPE requests_total counter\n' +
        'requests_total{route="a"} 3\nrequests_total{route="b"} 3\n',
    );
  });

  it('has what Node tells of the process', () => {
    const registry = new MetricsRegistry();
    registry.add(processMetrics());
    const value = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(registry.text())?.[1]);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
  });
});
