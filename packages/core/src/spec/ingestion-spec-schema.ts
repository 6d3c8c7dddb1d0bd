import { SEGMENT_GRANULARITIES } from '../time/granularity.js';
import { periodPattern } from '../time/period.js';
import { TIMESTAMP_FORMATS } from '../time/timestamp.js';
import type { JsonObject } from './json.js';

const name = { type: 'string', minLength: 1 };

/** What a format of text may say of itself, in a parseSpec or an inputFormat. */
const formatProperties = {
  flattenSpec: {
    description: 'The columns that nested JSON becomes.',
    type: ['object', 'null'],
    properties: {
      useFieldDiscovery: { type: ['boolean', 'null'], default: true },
      fields: {
        type: ['array', 'null'],
        items: {
          anyOf: [
            { type: 'string' },
            {
              type: 'object',
              required: ['type', 'name'],
              properties: {
                type: { enum: ['root', 'path', 'jq', 'tree'] },
                name,
                expr: { type: ['string', 'null'] },
                nodes: { type: ['array', 'null'], items: { type: 'string' }, minItems: 1 },
              },
            },
          ],
        },
      },
    },
  },
  keepNullColumns: { type: ['boolean', 'null'] },
  columns: { description: 'The columns in their order.', type: ['array', 'null'], items: { type: 'string' } },
  delimiter: { type: ['string', 'null'], minLength: 1 },
  listDelimiter: { type: ['string', 'null'], minLength: 1 },
  hasHeaderRow: { type: ['boolean', 'null'] },
  findColumnsFromHeader: { type: ['boolean', 'null'] },
  skipHeaderRows: { type: ['integer', 'null'], minimum: 0 },
  pattern: { description: 'A regular expression of Java with a group for each column.', type: ['string', 'null'] },
};

/**
 * What `readIngestionSpec` takes, as JSON Schema (draft-07): both of Druid's forms. It says no more than the reader: what passes through to
 * Druid as it is, is open.
 */
export const ingestionSpecSchema: JsonObject = {
  description: 'Druid’s ingestion spec.',
  type: 'object',
  required: ['dataSchema'],
  properties: {
    dataSchema: {
      description: 'What the rows look like.',
      type: 'object',
      required: ['dataSource'],
      allOf: [inEitherForm('timestampSpec'), inEitherForm('dimensionsSpec')],
      properties: {
        dataSource: {
          description: 'The dataSource that the events go to.',
          type: 'string',
          pattern: '^(?!\\.)[^/\\t\\r\\n]+$',
          errorMessage: 'Expected a name without a leading ".", "/", tabs or line breaks.',
        },
        parser: {
          description: 'Where timestampSpec and dimensionsSpec stand in the older form.',
          type: ['object', 'null'],
          properties: {
            parseSpec: {
              type: ['object', 'null'],
              properties: {
                format: {
                  description: 'How text is read. Events that are objects have no use for it.',
                  enum: ['json', 'timeAndDims', 'jsonLowercase', 'csv', 'tsv', 'regex', null],
                },
                timestampSpec: { $ref: '#/definitions/timestampSpec' },
                dimensionsSpec: { $ref: '#/definitions/dimensionsSpec' },
                ...formatProperties,
              },
            },
          },
        },
        timestampSpec: { $ref: '#/definitions/timestampSpec' },
        dimensionsSpec: { $ref: '#/definitions/dimensionsSpec' },
        metricsSpec: {
          description: 'The aggregators; [] for none.',
          type: ['array', 'null'],
          items: {
            type: 'object',
            required: ['type', 'name'],
            properties: {
              type: { ...name, description: 'The aggregator’s type.', examples: ['count', 'longSum', 'doubleSum'] },
              name: { ...name, description: 'The column that it makes.' },
            },
          },
        },
        granularitySpec: {
          type: ['object', 'null'],
          properties: {
            type: { description: 'A stream needs segments of one length.', enum: ['uniform', null] },
            segmentGranularity: granularity('The length of a segment, and of its tasks.', SEGMENT_GRANULARITIES, 'DAY'),
            queryGranularity: granularity(
              'What times are cut to in rollup.',
              [...SEGMENT_GRANULARITIES, 'NONE', 'ALL'],
              'NONE',
            ),
            rollup: {
              description: 'Whether Druid sums up rows of the same time and dimensions.',
              type: ['boolean', 'null'],
              default: true,
            },
          },
        },
        transformSpec: {
          description: 'Applied by Druid’s tasks. A transform named "__time" is refused.',
          type: ['object', 'null'],
        },
      },
    },
    tuningConfig: {
      description: 'Goes to the tasks as it is.',
      type: ['object', 'null'],
      properties: {
        type: { enum: ['realtime', null] },
        windowPeriod: {
          description: 'How late or early an event may be, as an ISO-8601 period.',
          type: ['string', 'null'],
          pattern: periodPattern,
          default: 'PT10M',
          errorMessage: 'Expected an ISO-8601 period such as PT10M.',
        },
      },
    },
    ioConfig: {
      description: 'Not needed, but for an inputFormat: the tasks are given their firehose.',
      type: ['object', 'null'],
      properties: {
        ...Object.fromEntries(['firehose', 'firehoseV2', 'plumber'].map((key) => [key, { type: 'null' }])),
        inputFormat: {
          description: 'How text is read. Events that are objects have no use for it.',
          type: ['object', 'null'],
          required: ['type'],
          properties: { type: { enum: ['json', 'csv', 'tsv', 'regex'] }, ...formatProperties },
        },
      },
    },
  },
};

/** The parts that stand in either form, for the `definitions` of the whole schema. */
export const ingestionSpecDefinitions: JsonObject = {
  timestampSpec: {
    description: 'Where the time of an event is, and how it is written.',
    type: ['object', 'null'],
    properties: {
      column: { description: 'The field that holds the time.', type: ['string', 'null'], default: 'timestamp' },
      format: {
        description: 'One of Druid’s formats, or a pattern of Joda.',
        type: ['string', 'null'],
        default: 'auto',
        examples: [...TIMESTAMP_FORMATS],
      },
      missingValue: { description: 'What an event without a time counts as, in ISO-8601.', type: ['string', 'null'] },
    },
  },
  dimensionsSpec: {
    description: 'The dimensions; {} takes every field.',
    type: ['object', 'null'],
    properties: {
      dimensions: { type: ['array', 'null'], items: { type: ['string', 'object'] } },
      dimensionExclusions: { type: ['array', 'null'], items: { type: 'string' } },
    },
  },
};

/** The part is at the top of `dataSchema`, or within `parser.parseSpec`. */
function inEitherForm(part: string): JsonObject {
  const here = { required: [part], properties: { [part]: { type: 'object' } } };
  const within = (key: string, inner: JsonObject): JsonObject => ({
    required: [key],
    properties: { [key]: { type: 'object', ...inner } },
  });
  return { anyOf: [here, within('parser', within('parseSpec', here))] };
}

/** A name in any case, or an object of a period or a duration. */
function granularity(description: string, names: readonly string[], byDefault: string): JsonObject {
  const anyCase = names.map((each) => each.replace(/[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`));
  return {
    description,
    type: ['string', 'object', 'null'],
    pattern: `^(${anyCase.join('|')})$`,
    required: ['type'],
    properties: {
      type: { enum: names.includes('ALL') ? ['period', 'duration', 'none', 'all'] : ['period', 'duration'] },
      period: { type: 'string', pattern: periodPattern },
      timeZone: { type: ['string', 'null'] },
      duration: { type: ['integer', 'string'] },
    },
    default: byDefault,
    examples: names,
    errorMessage: `Expected one of: ${names.join(', ').toLowerCase()}; or an object of type period or duration.`,
  };
}
