import { describe, expect, it } from 'vitest';
import { fieldPlan } from '../../src/event/field-plan.js';

const base = { timestampSpec: { column: 't', format: 'auto' }, tuningConfig: {}, metricsSpec: [] };
const candidates = ['t', 'a', 'b', 'in1', 'in2', 'looked', 'seen', 'x', 'out', 'id'];

function sent(spec: object): string {
  const wants = fieldPlan({ ...base, dimensionsSpec: { dimensions: ['a', { type: 'long', name: 'b' }] }, ...spec });
  return candidates.filter((name) => wants(name)).join(' ');
}

const selector = { type: 'selector', dimension: 'looked', value: 'y' };
const sum = { type: 'longSum', name: 's', fieldName: 'in1' };
const everything = candidates.join(' ');

describe('the fields that are sent', () => {
  it.each([
    ['the time and the dimensions', {}, 't a b'],
    ['inputs of aggregators', { metricsSpec: [{ type: 'count', name: 'n' }, sum] }, 't a b in1'],
    [
      'several inputs',
      { metricsSpec: [{ type: 'cardinality', name: 'c', fields: ['in1', { type: 'default', dimension: 'in2' }] }] },
      't a b in1 in2',
    ],
    ['inputs by fieldNames', { metricsSpec: [{ type: 'unknownSketch', name: 'c', fieldNames: ['in2'] }] }, 't a b in2'],
    [
      'what filters look at',
      { metricsSpec: [{ type: 'filtered', aggregator: sum, filter: selector }] },
      't a b in1 looked',
    ],
    [
      'what filters within filters look at',
      {
        metricsSpec: [
          {
            type: 'filtered',
            aggregator: sum,
            filter: { type: 'and', fields: [selector, { type: 'not', field: { type: 'equals', column: 'seen' } }] },
          },
        ],
      },
      't a b in1 looked seen',
    ],
    ['the column that tells rows apart', { tuningConfig: { dedupColumn: 'id' } }, 't a b id'],
    [
      'the coordinates of a place',
      { dimensionsSpec: { dimensions: ['a'], spatialDimensions: [{ dimName: 'x', dims: ['in1', 'in2'] }] } },
      't a in1 in2 x',
    ],
    [
      'everything with an expression',
      { metricsSpec: [{ type: 'longSum', name: 's', expression: 'in1 + in2' }] },
      everything,
    ],
    [
      'everything with an expression in a filter',
      { metricsSpec: [{ type: 'filtered', aggregator: sum, filter: { type: 'expression', expression: 'x > 1' } }] },
      everything,
    ],
    [
      'everything with an aggregator of an unknown form',
      { metricsSpec: [{ type: 'novel', name: 's', source: 'x' }] },
      everything,
    ],
    [
      'everything with a transform',
      { transformSpec: { transforms: [{ type: 'expression', name: 'b', expression: 'x' }] } },
      everything,
    ],
    ['everything with a filter for all', { transformSpec: { filter: selector } }, everything],
    ['everything without dimensions', { dimensionsSpec: {} }, everything],
    [
      'all but exclusions without dimensions',
      { dimensionsSpec: { dimensions: [], dimensionExclusions: ['out', 'in1', 't'] }, metricsSpec: [sum] },
      't a b in1 in2 looked seen x id',
    ],
    [
      'all but exclusions with includeAllDimensions',
      { dimensionsSpec: { dimensions: ['a'], includeAllDimensions: true, dimensionExclusions: ['out'] } },
      't a b in1 in2 looked seen x id',
    ],
    [
      'all but exclusions with useSchemaDiscovery',
      { dimensionsSpec: { dimensions: ['a'], useSchemaDiscovery: true, dimensionExclusions: ['out'] } },
      't a b in1 in2 looked seen x id',
    ],
  ])('are %s', (_, spec, names) => {
    expect(sent(spec)).toBe(names);
  });
});
