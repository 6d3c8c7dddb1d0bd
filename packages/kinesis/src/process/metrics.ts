import type { Metric, MetricSource, Sample } from '@tranquility-js/operations';
import type { KinesisCounters } from '../counters.js';

/** What a connector has counted, for Prometheus. */
export function connectorMetrics(counters: () => KinesisCounters): MetricSource {
  return () => {
    const { streams, leases, shards } = counters();
    const byStream = (pick: (one: KinesisCounters['streams'][string]) => number): Sample[] =>
      Object.entries(streams).map(([stream, one]) => ({ labels: { stream }, value: pick(one) }));
    const byGroup = (pick: (one: KinesisCounters['leases'][string]) => number): Sample[] =>
      Object.entries(leases).map(([stream, one]) => ({ labels: { stream }, value: pick(one) }));
    const byShard = (pick: (one: KinesisCounters['shards'][number]) => number | undefined): Sample[] =>
      shards.flatMap((one) => {
        const value = pick(one);
        return value === undefined ? [] : [{ labels: { stream: one.stream, shard: one.shard }, value }];
      });
    const drops = Object.entries(streams).flatMap(([stream, { dropped }]) =>
      Object.entries(dropped).map(([reason, value]) => ({ labels: { stream, reason }, value })),
    );
    const held = Object.keys(leases).map((stream) => ({
      labels: { stream },
      value: shards.filter((one) => one.stream === stream).length,
    }));
    return [
      ...[
        ['records_received', 'User records that were read.', byStream(({ received }) => received)],
        ['received_bytes', 'Bytes of their data.', byStream(({ bytes }) => bytes)],
        ['events_sent', 'Events that Druid acknowledged.', byStream(({ sent }) => sent)],
        ['events_filtered', 'Events that the filter left out.', byStream(({ filtered }) => filtered)],
        ['events_dropped', 'Events and records that were dropped, by reason.', drops],
        ['events_retried', 'Events that were sent again after they had failed.', byStream(({ retried }) => retried)],
        ['dead_letters', 'Records that were kept as dead letters.', byStream(({ deadLetters }) => deadLetters)],
        ['checkpoints', 'How often the place in a shard was written down.', byGroup(({ checkpoints }) => checkpoints)],
        ['failed_checkpoints', 'How often that failed.', byGroup(({ failedCheckpoints }) => failedCheckpoints)],
        ['leases_gained', 'How often a shard became ours.', byGroup(({ gained }) => gained)],
        ['leases_ended', 'How often a shard was ours no more.', byGroup(({ ended }) => ended)],
        ['throttled', 'How often Kinesis gave nothing because it was too much.', byGroup(({ throttled }) => throttled)],
        ['expired_iterators', 'How often an iterator had expired.', byGroup((one) => one.expiredIterators)],
      ].map(([name, help, samples]) => counter(name as string, help as string, samples as Sample[])),
      gauge('leases_held', 'Shards that are ours.', held),
      gauge(
        'millis_behind_latest',
        'How far behind the newest record of a shard reading is, by what Kinesis said last.',
        byShard((one) => one.millisBehind),
      ),
      gauge(
        'iterator_age_millis',
        'How long ago the oldest record of a shard arrived that was read and has no outcome.',
        byShard((one) => one.iteratorAgeMillis),
      ),
      gauge(
        'waiting_bytes',
        'Bytes that wait to be sent.',
        byShard(({ waitingBytes }) => waitingBytes),
      ),
      gauge(
        'stopped',
        'Whether the shard stands still.',
        byShard(({ stopped }) => (stopped ? 1 : 0)),
      ),
    ];
  };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `tranquility_kinesis_${name}_total`, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `tranquility_kinesis_${name}`, type: 'gauge', help, samples };
}
