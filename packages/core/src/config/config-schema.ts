import { ingestionSpecDefinitions, ingestionSpecSchema } from '../spec/ingestion-spec-schema.js';
import type { JsonObject } from '../spec/json.js';
import { globalOnly, properties, type Property } from './properties.js';

const scalar = ['string', 'number', 'boolean'];

/**
 * The form of a config file as JSON Schema (draft-07, which editors know best): from the table of properties, and from what is read of
 * a spec. It accepts what the reader accepts, but for blanks around values; unknown names, which the reader warns of, pass.
 */
export function configSchema(): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A Tranquility config file',
    type: 'object',
    required: ['dataSources'],
    properties: {
      $schema: { type: 'string' },
      dataSources: {
        description: 'A list of dataSources, or an object of them by name.',
        type: ['array', 'object'],
        minItems: 1,
        minProperties: 1,
        items: { $ref: '#/definitions/dataSource' },
        additionalProperties: { $ref: '#/definitions/dataSource' },
      },
      properties: { $ref: '#/definitions/properties' },
    },
    definitions: {
      dataSource: {
        type: 'object',
        required: ['spec'],
        properties: {
          spec: ingestionSpecSchema,
          properties: {
            allOf: [
              { $ref: '#/definitions/properties' },
              { type: ['object', 'null'], patternProperties: { [globalOnly.source]: false } },
            ],
          },
        },
      },
      properties: {
        description:
          'At the top: for all dataSources. In a dataSource: for it alone, and they win over those at the top.',
        type: ['object', 'null'],
        properties: Object.fromEntries(
          Object.entries<Property<unknown>>(properties).map(([name, property]) => [name, schemaOf(property)]),
        ),
      },
      ...ingestionSpecDefinitions,
    },
  };
}

/** A null stands for the default. */
function schemaOf({ kind, default: text, description, only }: Property<unknown>): JsonObject {
  const form =
    only === undefined ? (kind.schema ?? { type: scalar }) : { enum: [...new Set([only.value, String(only.value)])] };
  return {
    description: only === undefined ? description : `${description} ${only.reason}`,
    ...orNull(form),
    ...(text === undefined ? {} : { default: jsonOf(text, kind.read(text)) }),
    errorMessage: only === undefined ? `Expected ${kind.expected}.` : only.reason,
  };
}

function orNull(form: JsonObject): JsonObject {
  const { type, enum: choices } = form;
  if (Array.isArray(choices)) return { ...form, enum: [...(choices as unknown[]), null] };
  return { ...form, type: [type, 'null'].flat() };
}

function jsonOf(text: string, value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? value : text;
}
