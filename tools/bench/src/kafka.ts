import { startCluster } from '@tranquility-js/cluster';
import kafkajs from 'kafkajs';
import { Child } from './child.js';
import { pageView } from './events.js';
import { compare, type Comparison } from './measure.js';
import { play } from './play.js';

const metrics = ['rows per CPU-second', 'rows per second'] as const;
const partitions = 6;
const topic = 'bench';
/** Bytes of a record's value. */
const recordBytes = 300;

/**
 * What the connector costs beside a consumer that only counts, as kafkajs reads answers and as the connector does, on a real broker, into
 * something that takes everything.
 */
export async function benchKafka(
  { rows, rounds, secondsAway }: { readonly rows: number; readonly rounds: number; readonly secondsAway: number },
  tell: (line: string) => void,
): Promise<Comparison[]> {
  await using cluster = await startCluster({ druid: false, kafka: '4.4.0' });
  const bootstrap = cluster.endpoints.kafka?.bootstrap ?? '';
  await fill(bootstrap, rows);
  tell(`${rows} records of ${recordBytes} bytes are in the topic`);
  const children: Child[] = [];
  try {
    const sink = Child.ofSource('sink.ts');
    children.push(sink);
    const { port } = (await sink.answer()) as { port: number };
    const contestants = new Map(
      Object.entries({ connector: 'connect', count: 'count', 'count-ours': 'count-ours' }).map(([name, kind]) => [
        name,
        Child.ofSource('kafka-contestant.ts', kind, bootstrap, topic, `http://127.0.0.1:${port}`),
      ]),
    );
    children.push(...contestants.values());
    const results = await play(contestants, { rounds, warmUpRows: rows, rows }, tell);
    const memory = Math.max(...(results.get('connector') ?? []).map((round) => round.memory ?? 0));
    tell(`connector: at most ${Math.round(memory / 1e6)} MB`);
    const alone = Child.ofSource('kafka-contestant.ts', 'away', bootstrap, topic, '');
    children.push(alone);
    await alone.answer();
    const left = (await alone.ask(String(secondsAway))) as { readonly memory: number };
    tell(`connector with Druid away for ${secondsAway} s: ${Math.round(left.memory / 1e6)} MB`);
    return compare(
      ['count', 'count-ours'].flatMap((versus) => metrics.map((metric) => ({ name: 'connector', versus, metric }))),
      results,
    );
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

async function fill(bootstrap: string, rows: number): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  for (let at = 0; at < rows; at += 5_000) {
    const messages = Array.from({ length: Math.min(5_000, rows - at) }, (_, index) => {
      return { partition: (at + index) % partitions, value: valueOf(at + index) };
    });
    await producer.send({ topic, messages, acks: 1 });
  }
  await producer.disconnect();
}

/** A view of a page, filled up to the length. */
function valueOf(index: number): string {
  const view = pageView(index, Date.now());
  const { length } = JSON.stringify({ ...view, filling: '' });
  return JSON.stringify({ ...view, filling: 'x'.repeat(Math.max(0, recordBytes - length)) });
}
