import { expect, it } from 'vitest';
import { readTaskReport } from '../../src/append/task-report.js';

const report = (payload: object): string => JSON.stringify({ ingestionStatsAndErrors: { payload } });

it('a report tells which rows could not be read, and where they were', () => {
  const buildSegments = [
    {
      ...{ input: '{d=a}', errorType: 'unparseable' },
      details: ['Timestamp[null] is unparseable! Event: {d=a} (Record: 3, Line: 5)'],
    },
    { input: '{n=x}', errorType: 'processedWithError', details: ['Unable to parse value[x] for field[n]'] },
    { input: 'what?', errorType: 'unparseable' },
  ];
  const rowStats = { buildSegments: { processed: 1, processedWithError: 1, unparseable: 2 } };
  const text = report({ rowStats, unparseableEvents: { buildSegments }, segmentAvailabilityConfirmed: true });
  expect(readTaskReport(text)).toEqual({
    error: undefined,
    unparseable: 2,
    processedWithError: 1,
    unread: [
      { line: 5, input: '{d=a}', why: 'Timestamp[null] is unparseable! Event: {d=a} (Record: 3, Line: 5)' },
      { line: undefined, input: 'what?', why: 'Druid gives no reason' },
    ],
    partlyWhy: 'Unable to parse value[x] for field[n]',
    isAvailable: true,
  });
});

it('a report of another form is none, and one without numbers has none', () => {
  expect(readTaskReport('{"other":{}}')).toBeUndefined();
  expect(readTaskReport('nothing')).toBeUndefined();
  expect(readTaskReport(report({ errorMsg: 'It broke.' }))).toMatchObject({
    ...{ error: 'It broke.', unparseable: 0, unread: [], isAvailable: false },
  });
});
