import type { Metric, MetricSource, Sample } from '@tranquility-js/operations';
import type { KafkaCounters } from '../counters.js';

/** What a connector has counted, for Prometheus. */
export function connectorMetrics(counters: () => KafkaCounters): MetricSource {
  return () => {
    const { topics, partitions, commits, failedCommits, rebalances, lost } = counters();
    const byTopic = (pick: (one: KafkaCounters['topics'][string]) => number): Sample[] =>
      Object.entries(topics).map(([topic, one]) => ({ labels: { topic }, value: pick(one) }));
    const byPartition = (pick: (one: KafkaCounters['partitions'][number]) => number): Sample[] =>
      partitions.map((one) => ({ labels: { topic: one.topic, partition: String(one.partition) }, value: pick(one) }));
    const drops = Object.entries(topics).flatMap(([topic, { dropped }]) =>
      Object.entries(dropped).map(([reason, value]) => ({ labels: { topic, reason }, value })),
    );
    return [
      counter(
        'records_received',
        'Records that were read.',
        byTopic(({ received }) => received),
      ),
      counter(
        'received_bytes',
        'Bytes of their values.',
        byTopic(({ bytes }) => bytes),
      ),
      counter(
        'events_sent',
        'Events that Druid acknowledged.',
        byTopic(({ sent }) => sent),
      ),
      counter(
        'events_filtered',
        'Events that the filter left out, and tombstones.',
        byTopic(({ filtered }) => filtered),
      ),
      counter('events_dropped', 'Events and records that were dropped, by reason.', drops),
      counter(
        'events_retried',
        'Events that were sent again after they had failed.',
        byTopic(({ retried }) => retried),
      ),
      counter(
        'dead_letters',
        'Records that were kept as dead letters.',
        byTopic(({ deadLetters }) => deadLetters),
      ),
      counter('commits', 'How often places were committed.', [{ value: commits }]),
      counter('failed_commits', 'How often places could not be committed.', [{ value: failedCommits }]),
      counter('rebalances', 'How often partitions were shared out.', [{ value: rebalances }]),
      counter('lost_offsets', 'Offsets that were deleted before they were read.', [{ value: lost }]),
      gauge(
        'lag',
        'Offsets from the settled place to the end.',
        byPartition(({ lag }) => lag),
      ),
      gauge(
        'settled_offset',
        'The place up to which all has its outcome.',
        byPartition(({ settled }) => settled),
      ),
      gauge(
        'committed_offset',
        'The place that was committed last.',
        byPartition(({ committed }) => committed),
      ),
      gauge(
        'waiting_bytes',
        'Bytes that wait to be sent.',
        byPartition(({ waitingBytes }) => waitingBytes),
      ),
      gauge(
        'stopped',
        'Whether the partition stands still.',
        byPartition(({ stopped }) => (stopped ? 1 : 0)),
      ),
      gauge(
        'broken',
        'Whether the partition waits before a batch that cannot be read.',
        byPartition(({ broken }) => (broken === undefined ? 0 : 1)),
      ),
    ];
  };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `tranquility_kafka_${name}_total`, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `tranquility_kafka_${name}`, type: 'gauge', help, samples };
}
