/** Messages that are committed once Druid has them, and a generator that is sent as Druid takes it. In CommonJS. */
const { Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { createDruidTransform, sendFrom } = require('@tranquility-js/node-streams');
const { startSandbox } = require('@tranquility-js/sandbox');

const dataSchema = {
  dataSource: 'clicks',
  timestampSpec: { column: 'time', format: 'auto' },
  dimensionsSpec: { dimensions: ['page'] },
  metricsSpec: [{ type: 'count', name: 'count' }],
  granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
};

function* clicks(count) {
  for (let offset = 0; offset < count; offset++) yield { time: Date.now(), page: `/page/${offset % 3}`, offset };
}

async function main() {
  const sandbox = await startSandbox();
  const config = {
    dataSources: [{ spec: { dataSchema, tuningConfig: { type: 'realtime', windowPeriod: 'PT1H' } } }],
    properties: { 'druid.overlord.urls': sandbox.url },
  };
  try {
    let committed = -1;
    const commit = new Writable({
      objectMode: true,
      write({ offset }, _, callback) {
        committed = offset;
        callback();
      },
    });
    await pipeline(Readable.from(clicks(1_000)), createDruidTransform({ config }), commit);
    console.log(`committed up to offset ${committed}`);
    const { sent } = await sendFrom(clicks(2_000), { config });
    console.log(`${sent} more sent`);
    console.table(await sandbox.sql('SELECT page, SUM("count") AS clicks FROM clicks GROUP BY page ORDER BY page'));
  } finally {
    await sandbox.close();
  }
}

void main();
