/** A spec that keeps each event as a row of its own, so that what is twice can be counted. */
export const rowSpec = (name: string) => ({
  dataSchema: {
    dataSource: name,
    timestampSpec: { column: 'time', format: 'auto' },
    dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'n' }] },
    metricsSpec: [],
    granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false },
  },
  tuningConfig: { type: 'realtime', windowPeriod: 'PT1H', maxRowsInMemory: 100_000 },
});
