import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { freePort } from '@tranquility-js/ports';
import { CommandProcess } from '../command-process.js';
import { KinesisStage } from '../kinesis-stage.js';
import type { Case } from '../proof.js';
import { eventually, numberedSource, sumOf } from '../real-kafka.js';
import type { Put } from '../real-kinesis.js';
import { temporaryFile } from '../temporary.js';

const shards = 4;
const events = 8_000;
const eventBytes = 100_000;
const awaySeconds = 300;
/** How much more memory is allowed while Druid is away, in bytes: an eighth of what the stream holds. */
const mostGrowth = (events * eventBytes) / 8;

/** Druid is silent for minutes, while a stream that holds much, and is small because it is compressed, is there to be read. */
export const withoutDruid: Case = {
  name: 'Druid is silent for five minutes, before a stream in gzip: memory is bounded, and all arrives',
  cluster: { druid: false },
  isForFullSize: true,
  run: async ({ tell }) => {
    await using stage = await KinesisStage.start({ streams: 'kinesalite' });
    const stream = await stage.kinesis.stream('silent', shards);
    const dataSource = `${stream}-rows`;
    const port = await freePort();
    const config = {
      dataSources: [numberedSource(dataSource, { streamPattern: stream })],
      properties: {
        'druid.overlord.urls': stage.druid.url,
        'kinesis.endpoint': stage.kinesis.url,
        'kinesis.leases.endpoint': stage.dynamodbUrl,
        'kinesis.start': 'TRIM_HORIZON',
      },
    };
    const file = await temporaryFile('kinesis.json', [JSON.stringify(config)]);
    const connector = new CommandProcess('kinesis', '-configFile', file, '--http', String(port));
    try {
      const first = 400;
      await stage.kinesis.put(stream, puts(0, first));
      await eventually(async () => (connector.check(), (await stage.rows(stream)).count === first));
      const before = await memoryOf(port);
      tell(`Druid is silent for ${awaySeconds} s`);
      const fault = stage.druid.faults.add({ action: { kind: 'hang' }, times: Infinity });
      for (let n = first; n < events; n += 500) await stage.kinesis.put(stream, puts(n, Math.min(n + 500, events)));
      let most = before;
      for (const end = performance.now() + awaySeconds * 1_000; performance.now() < end; await sleep(1_000)) {
        connector.check();
        most = Math.max(most, await memoryOf(port));
      }
      assert.ok(most - before < mostGrowth, `${most - before} bytes more memory`);
      tell('It answers again');
      stage.druid.faults.remove(fault);
      await eventually(async () => (connector.check(), (await stage.rows(stream)).count >= events));
      assert.equal(await connector.stop(), 0, connector.log);
      assert.deepEqual(await stage.rows(stream), { count: events, sum: sumOf(events) }, 'nothing is missing or twice');
      const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
      return {
        ...{ events, 'unpacked (MB)': megabytes(events * eventBytes), seconds: awaySeconds, missing: 0, twice: 0 },
        'memory before (MB)': megabytes(before),
        'memory while Druid was silent, at most (MB)': megabytes(most),
      };
    } catch (error) {
      tell(connector.log);
      throw error;
    } finally {
      await connector.kill();
    }
  },
};

/** Events of these numbers, each long, and short in gzip. */
function puts(from: number, to: number): Put[] {
  const time = Date.now();
  const note = 'x'.repeat(eventBytes);
  return Array.from({ length: to - from }, (_, at) => ({
    key: `key ${from + at}`,
    data: gzipSync(JSON.stringify({ time, n: from + at, page: `p${at % 10}`, note })),
  }));
}

/** The memory of the process that serves its metrics on a port, in bytes. */
async function memoryOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (.+)$/m.exec(text)?.[1]);
}
