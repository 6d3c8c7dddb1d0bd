import { resolve } from 'node:path';
import type { DataSourceConfig } from '@tranquility-js/core';

/** What a config says of a dataSource, as `--json` prints it. */
export interface DataSourceSummary {
  readonly dataSource: string;
  readonly segmentGranularity: unknown;
  readonly queryGranularity: unknown;
  readonly rollup: boolean;
  readonly windowPeriod: string;
  readonly partitions: number;
  readonly replicants: number;
  /** Names; null where every field that has no other use is one. */
  readonly dimensions: readonly string[] | null;
  readonly metrics: readonly { readonly name: string; readonly type: string }[];
  readonly timestamp: { readonly column: string; readonly format: string };
  /** How events are written: `json` or `smile`. */
  readonly serialization: string;
  readonly coordination: 'overlord' | 'zookeeper';
  /** How events get to Druid; with `auto` that depends on its version. */
  readonly lane: DataSourceConfig['properties']['tranquility.lane'];
}

export function summaryOf({ dataSource, spec, properties }: DataSourceConfig): DataSourceSummary {
  const { dimensions } = spec.dimensionsSpec;
  const isListed = Array.isArray(dimensions) && dimensions.length > 0;
  return {
    dataSource,
    segmentGranularity: spec.segmentGranularity.json,
    queryGranularity: spec.queryGranularity.json,
    rollup: spec.rollup,
    windowPeriod: spec.windowPeriod,
    partitions: properties['task.partitions'],
    replicants: properties['task.replicants'],
    dimensions: isListed ? dimensions.map((dimension) => textAt(dimension, 'name')) : null,
    metrics: spec.metricsSpec.map((metric) => ({ name: textAt(metric, 'name'), type: textAt(metric, 'type') })),
    timestamp: { column: spec.timestampSpec.column, format: spec.timestampSpec.format },
    serialization: properties['serialization.format'],
    coordination: properties['tranquility.coordination'],
    lane: properties['tranquility.lane'],
  };
}

/** The summary for people. */
export function summaryText(config: DataSourceConfig): string {
  const summary = summaryOf(config);
  const { dimensions, metrics, partitions, replicants, timestamp } = summary;
  const { segmentGranularity, queryGranularity } = config.spec;
  const lines = [
    [
      'segments',
      `${segmentGranularity.name}, times cut to ${queryGranularity.name}, ${summary.rollup ? 'rolled up' : 'no rollup'}`,
    ],
    ['window', `${summary.windowPeriod} before and after now`],
    ['tasks', `${counted(partitions, 'partition')} x ${counted(replicants, 'replicant')} for each segment`],
    ['time', `column ${timestamp.column}, format ${timestamp.format}`],
    ['dimensions', dimensions === null ? 'every field that has no other use' : listed(dimensions)],
    ['metrics', listed(metrics.map(({ name, type }) => `${name} (${type})`))],
    ['events', `JSON objects, sent as ${summary.serialization === 'smile' ? 'Smile' : 'JSON'}`],
    ['coordination', coordinationText(config)],
    ['lane', laneText(config)],
  ];
  return [summary.dataSource, ...lines.map(([name = '', text = '']) => `  ${name.padEnd(12)}  ${text}`), ''].join('\n');
}

function laneText({ properties }: DataSourceConfig): string {
  const lane = properties['tranquility.lane'];
  const journal = resolve(properties['journal.directory']);
  const from = properties['realtime.journal'] ? ` from the journal in ${journal}` : '';
  const realtime = `index_realtime tasks of Druid 30 or older${from}`;
  const servers = properties['pull.kafka.bootstrap.servers'] ?? [];
  const pull =
    properties['pull.source'] === 'kafka'
      ? `Druid reads from Kafka at ${servers.map(({ host, port }) => `${host}:${port}`).join(', ')}`
      : `Druid reads from the journal in ${journal}`;
  const append = `batches from the journal in ${journal}`;
  if (lane === 'auto') return `auto: ${realtime}; of a later one: ${pull}; where it cannot: ${append}`;
  return `${lane}: ${{ realtime, pull, append }[lane]}`;
}

function coordinationText({ properties }: DataSourceConfig): string {
  const urls = properties['druid.overlord.urls'];
  const connect = properties['zookeeper.connect'] ?? '';
  const overlord = urls === undefined ? `found through ZooKeeper at ${connect}` : urls.join(', ');
  return properties['tranquility.coordination'] === 'overlord'
    ? `by the overlord alone: ${overlord}`
    : `through ZooKeeper at ${connect}, with JVM Tranquilities; overlord ${urls === undefined ? 'found there' : overlord}`;
}

const mostNames = 8;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > mostNames ? `, and ${names.length - mostNames} more` : '';
  return `${names.length}: ${names.slice(0, mostNames).join(', ')}${more}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function textAt(column: unknown, key: string): string {
  const value = typeof column === 'object' && column !== null ? (column as Record<string, unknown>)[key] : column;
  return typeof value === 'string' ? value : '?';
}
