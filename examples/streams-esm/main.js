/** A file of clicks into Druid: what is late or broken is reported, the rest can be asked for at once. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createDruidWritable } from '@tranquility-js/node-streams';
import { startSandbox } from '@tranquility-js/sandbox';

const folder = await mkdtemp(join(tmpdir(), 'clicks-'));
const file = join(folder, 'clicks.ndjson');
const clicks = Array.from({ length: 5_000 }, (_, n) => ({ time: Date.now(), page: `/page/${n % 3}` }));
const lines = [...clicks, { time: '2013-01-01', page: '/old' }].map((click) => JSON.stringify(click));
await writeFile(file, [...lines, '{"time": broken'].join('\n'));

const sandbox = await startSandbox();
const dataSchema = {
  dataSource: 'clicks',
  timestampSpec: { column: 'time', format: 'auto' },
  dimensionsSpec: { dimensions: ['page'] },
  metricsSpec: [{ type: 'count', name: 'count' }],
  granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
};
const config = {
  dataSources: [{ spec: { dataSchema, tuningConfig: { type: 'realtime', windowPeriod: 'PT1H' } } }],
  properties: { 'druid.overlord.urls': sandbox.url },
};

try {
  const druid = createDruidWritable({ config }, { format: 'ndjson' });
  druid.on('drop', ({ reason, message }) => console.log(`dropped, ${reason}: ${message}`));
  await pipeline(createReadStream(file), druid);
  console.log(druid.counters);
  console.table(await sandbox.sql('SELECT page, SUM("count") AS clicks FROM clicks GROUP BY page ORDER BY page'));
} finally {
  await sandbox.close();
  await rm(folder, { recursive: true });
}
