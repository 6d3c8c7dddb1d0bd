import { decoderFor, readConfig, type Decoder } from '@tranquility-js/core';
import { avroDecoder } from '@tranquility-js/schema-registry';
import avro from 'avsc';
import { config, pageView } from './events.js';
import { compare, rates, type Comparison, type Round } from './measure.js';

const rowsOfPayload = 1000;
const payloads = 20;

const events = Array.from({ length: rowsOfPayload * payloads }, (_, n) => pageView(n, 1_700_000_000_000));
const columns = Object.keys(pageView(0, 0));
const schema = {
  type: 'record',
  name: 'View',
  fields: Object.entries(pageView(0, 0)).map(([name, value]) => ({
    name,
    type: typeof value === 'string' ? 'string' : name === 'latency' ? 'double' : 'long',
  })),
};

/** What one contestant does with all payloads, and gives: how many events it made of them. */
type Play = () => number;

/**
 * Decodes the same rows in every format, against `JSON.parse` of each row by itself: messages of one row, and payloads of a thousand.
 */
export function benchDecode(isFull: boolean, tell: (line: string) => void): Promise<Comparison[]> {
  const rounds = isFull ? 15 : 7;
  const contestants = contestantsOf();
  const results = new Map<string, Round[]>();
  for (let round = -2; round < rounds; round++) {
    for (const [name, play] of contestants) {
      const result = timed(play, isFull ? 20 : 5);
      if (round < 0) continue;
      tell(`${name}: ${rates(result)}`);
      results.set(name, [...(results.get(name) ?? []), result]);
    }
  }
  const names = [...contestants.keys()].filter((name) => name !== 'json-parse');
  return Promise.resolve(
    compare(
      names.map((name) => ({ name, versus: 'json-parse', metric: 'rows per second' as const })),
      results,
    ),
  );
}

function contestantsOf(): Map<string, Play> {
  const rows = events.map((event) => Buffer.from(JSON.stringify(event)));
  const type = avro.Type.forSchema(schema as avro.Schema);
  const binary = events.map((event) => type.toBuffer(event));
  const batch = (of: (rows: readonly Record<string, unknown>[]) => string): Buffer[] =>
    Array.from({ length: payloads }, (_, n) =>
      Buffer.from(of(events.slice(n * rowsOfPayload, (n + 1) * rowsOfPayload))),
    );
  const json = decoder({ format: 'json' });
  const flatten = { fields: [{ type: 'path', name: 'first', expr: '$.page' }] };
  const cell = (value: unknown): string => (String(value).includes(',') ? JSON.stringify(value) : String(value));
  const line = (event: Record<string, unknown>): string => Object.values(event).map(cell).join(',');
  const pattern = columns.map(() => '([^,]*)').join(',');
  const regexRows = batch((some) => some.map((event) => line({ ...event, agent: 'none' })).join('\n'));
  return new Map<string, Play>([
    ['json-parse', () => rows.reduce((count, row) => count + (JSON.parse(row.toString()) === null ? 0 : 1), 0)],
    ['json-object', decodes(json, rows)],
    [
      'json-array',
      decodes(
        json,
        batch((some) => JSON.stringify(some)),
      ),
    ],
    [
      'json-lines',
      decodes(
        json,
        batch((some) => some.map((event) => JSON.stringify(event)).join('\n')),
      ),
    ],
    ['json-flattened', decodes(decoder({ format: 'json', flattenSpec: flatten }), rows)],
    [
      'csv',
      decodes(
        decoder({ format: 'csv', columns }),
        batch((some) => some.map(line).join('\n')),
      ),
    ],
    ['regex', decodes(decoder({ format: 'regex', columns, pattern }), regexRows)],
    ['avro', decodes(avroDecoder(JSON.stringify(schema)), binary)],
    ['avsc', () => binary.reduce((count, bytes) => count + (type.fromBuffer(bytes) === null ? 0 : 1), 0)],
  ]);
}

function decoder(parseSpec: object): Decoder {
  const whole = config('bench', { 'druid.overlord.urls': 'http://127.0.0.1:1' }) as {
    dataSources: [{ spec: { dataSchema: { parser: { parseSpec: object } } } }];
  };
  Object.assign(whole.dataSources[0].spec.dataSchema.parser.parseSpec, parseSpec);
  const [dataSource] = readConfig(whole).dataSources.values();
  if (dataSource === undefined) throw new Error('The config has no dataSource.');
  return decoderFor(dataSource.spec);
}

function decodes(decoder: Decoder, all: readonly Buffer[]): Play {
  return () => all.reduce((count, payload) => count + decoder.decode(payload).events.length, 0);
}

function timed(play: Play, times: number): Round {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let rows = 0;
  for (let i = 0; i < times; i++) rows += play();
  if (rows !== events.length * times) throw new Error(`${rows} events came of ${events.length * times}.`);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rows, seconds, cpuSeconds: (user + system) / 1e6 };
}
