type Json = Readonly<Record<string, unknown>>;

/** What a test wants of the spec of a dataSource. */
export interface SpecParts {
  readonly dataSource: string;
  /** The column of the time. Default `time`. */
  readonly time?: string;
  readonly dimensions: readonly string[];
  /** Beside the count of events. */
  readonly metrics: readonly Json[];
  /** Default `HOUR`. */
  readonly segmentGranularity?: string | undefined;
  /** Default `SECOND`. */
  readonly queryGranularity?: string | undefined;
  /** Default `PT10M`. */
  readonly windowPeriod?: string | undefined;
  /** On top of the window. */
  readonly tuning?: Json | undefined;
}

/** A spec as a user of Tranquility 0.8 would have it. */
export function specOf(parts: SpecParts): object {
  const { dataSource, time = 'time', dimensions, metrics } = parts;
  const { segmentGranularity = 'HOUR', queryGranularity = 'SECOND', windowPeriod = 'PT10M', tuning } = parts;
  return {
    dataSchema: {
      dataSource,
      parser: {
        type: 'string',
        parseSpec: {
          format: 'json',
          timestampSpec: { column: time, format: 'auto' },
          dimensionsSpec: { dimensions },
        },
      },
      metricsSpec: [{ type: 'count', name: 'count' }, ...metrics],
      granularitySpec: { type: 'uniform', segmentGranularity, queryGranularity },
    },
    tuningConfig: { type: 'realtime', windowPeriod, ...tuning },
  };
}

/** Sums up whole numbers of a field under its own name. */
export const longSum = (name: string): Json => ({ type: 'longSum', name, fieldName: name });
