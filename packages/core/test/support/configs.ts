type Json = Record<string, unknown>;

/** The config of a dataSource `flights` with segments of an hour, as a Tranquility file would have it. */
export function flights(
  properties: Json = {},
  parts: { dataSchema?: Json; tuningConfig?: Json; timestampSpec?: Json } = {},
): Json {
  return {
    dataSources: [
      {
        spec: {
          dataSchema: {
            dataSource: 'flights',
            parser: {
              type: 'string',
              parseSpec: {
                format: 'json',
                timestampSpec: { column: 'time', format: 'auto', ...parts.timestampSpec },
                dimensionsSpec: { dimensions: ['origin', 'destination'] },
              },
            },
            metricsSpec: [
              { type: 'count', name: 'count' },
              { type: 'longSum', name: 'delay', fieldName: 'delay' },
            ],
            granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
            ...parts.dataSchema,
          },
          tuningConfig: { type: 'realtime', windowPeriod: 'PT10M', ...parts.tuningConfig },
        },
        properties: {},
      },
    ],
    properties,
  };
}
