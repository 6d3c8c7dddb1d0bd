import { expect, it } from 'vitest';
import { GroupCommit } from '../../src/journal/group-commit.js';
import { systemClock } from '../../src/time/clock.js';

it.each(Array.from({ length: 12 }, (_, index) => index))(
  'what is handed in %i microtasks after a commit that fails at once is committed, too',
  async (microtasks) => {
    let fails = true;
    const commit = (items: readonly number[]): Promise<readonly number[]> =>
      fails ? Promise.reject(new Error('full')) : Promise.resolve(items);
    const commits = new GroupCommit(commit, () => undefined, 'always', systemClock);
    const first = commits.add(1, 1).catch(() => 0);
    for (let turn = 0; turn < microtasks; turn++) await Promise.resolve();
    const second = commits.add(2, 1).catch(() => 0);
    expect(await Promise.all([first, second])).toEqual([0, 0]);
    fails = false;
    expect(await commits.add(3, 1)).toBe(3);
    await commits.idle();
  },
);
