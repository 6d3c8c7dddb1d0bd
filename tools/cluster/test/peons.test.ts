import { expect, test } from 'vitest';
import { peonsOf } from '../src/peons.js';

const table = `
    1       1 /sbin/init
  200     200 java -cp a.jar:b.jar org.apache.druid.cli.Main server middleManager
  201     200 java -cp a.jar:b.jar org.apache.druid.cli.Main internal peon /run/tasks/slot0/index_a_2026-01-01T00:00:00.000Z 1 --nodeType realtime
  301     300 java -cp a.jar:b.jar org.apache.druid.cli.Main internal peon /other/tasks/slot0/index_b 1
`;

test('finds the peons of a process group with their task', () => {
  expect(peonsOf(table, [200])).toEqual([{ pid: 201, taskId: 'index_a_2026-01-01T00:00:00.000Z' }]);
  expect(peonsOf(table, [])).toEqual([]);
});
