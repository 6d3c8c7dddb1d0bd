import type { CounterSnapshot } from '@tranquility-js/core';
import type { Metric, MetricSource, Sample } from './metric.js';

/** A dataSource, how it reaches Druid, and what was counted. */
export interface CountedSender {
  readonly dataSource: string;
  readonly lane: string;
  readonly counters: CounterSnapshot;
  /** Acknowledged events that wait in a journal for realtime tasks, where there is one. */
  readonly waiting?: number;
}

const counters = {
  received: ['tranquility_events_received_total', 'Events handed in.'],
  sent: ['tranquility_events_sent_total', 'Events that were acknowledged.'],
  failed: ['tranquility_events_failed_total', 'Events that could not be delivered, or whose fate is unknown.'],
  lost: ['tranquility_events_lost_total', 'Acknowledged events whose tasks have all failed before they published.'],
  batches: ['tranquility_batches_total', 'Batches that were delivered, whatever their outcome.'],
  bytes: ['tranquility_sent_bytes_total', 'Bytes of pushes that were acknowledged.'],
  retries: ['tranquility_retries_total', 'Requests to Druid that were made again after a failure.'],
  tasksCreated: ['tranquility_tasks_created_total', 'Tasks that were created.'],
  tasksAdopted: ['tranquility_tasks_adopted_total', 'Tasks that existed already and were taken over.'],
} as const satisfies Partial<Record<keyof CounterSnapshot, readonly [name: string, help: string]>>;

/** The counters of senders by dataSource and lane, and those of drops by reason too. */
export function senderMetrics(senders: () => readonly CountedSender[]): MetricSource {
  return () => {
    const all = senders();
    const plain = (Object.keys(counters) as (keyof typeof counters)[]).map((key): Metric => {
      const [name, help] = counters[key];
      const samples = all.map((sender): Sample => ({ labels: labelsOf(sender), value: sender.counters[key] }));
      return { name, type: 'counter', help, samples };
    });
    const drops = all.flatMap((sender) =>
      Object.entries(sender.counters.dropped).map(([reason, value]): Sample => ({
        labels: { ...labelsOf(sender), reason },
        value,
      })),
    );
    const help = 'Events that were dropped, by reason.';
    return [
      ...plain,
      { name: 'tranquility_events_dropped_total', type: 'counter', help, samples: drops },
      ...waitingMetric(all),
    ];
  };
}

/** Only where there is a journal of this kind. */
function waitingMetric(senders: readonly CountedSender[]): readonly Metric[] {
  const samples = senders.flatMap((sender): readonly Sample[] =>
    sender.waiting === undefined ? [] : [{ labels: labelsOf(sender), value: sender.waiting }],
  );
  const help = 'Acknowledged events that wait in a journal for realtime tasks.';
  return samples.length === 0 ? [] : [{ name: 'tranquility_journal_waiting_events', type: 'gauge', help, samples }];
}

const labelsOf = ({ dataSource, lane }: CountedSender): Record<string, string> => ({ dataSource, lane });
