import { expect, test } from 'vitest';
import { planOf } from '../src/options.js';

test('plans Druid 28.0.0 with a middle manager by default', () => {
  expect(planOf({})).toMatchObject({ druid: '28.0.0', worker: 'middleManager', workerCapacity: 6, kafka: false });
});

test.each([
  [{ druid: 'latest' }, /druid must be a version such as 28.0.0, not 'latest'/],
  [{ kafka: '../4.4.0' }, /kafka must be a version/],
  [{ workerCapacity: 0 }, /workerCapacity must be a whole number from 1, not 0/],
  [{ startTimeoutMillis: Number.NaN }, /startTimeoutMillis must be a positive number, not NaN/],
])('refuses %j', (options, message) => {
  expect(() => planOf(options)).toThrow(message);
});
