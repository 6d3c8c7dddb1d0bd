import { PlaceNotes } from '@tranquility-js/connect';
import type { Staging } from '@tranquility-js/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Assigned } from '../src/source/source.js';
import { StagedCommits } from '../src/staged-commits.js';

const place: Assigned = { topic: 'clicks', partition: 0, offset: 7 };
const told: string[] = [];

beforeEach(() => {
  told.length = 0;
});

/** Writes down what it is told. */
function journal(id: string, undecided?: string): Staging {
  return {
    id,
    undecided,
    stage: (token) => {
      told.push(`stage ${token}`);
      return Promise.resolve(true);
    },
    show: () => {
      told.push('show');
      return Promise.resolve();
    },
    drop: () => {
      told.push('drop');
      return Promise.resolve();
    },
  };
}

/** A group in which commits have these fates. */
function commits(
  staging: Staging,
  { taken = [], note = '' }: { taken?: boolean[]; note?: string } = {},
): StagedCommits {
  return new StagedCommits({
    stagings: () => new Set([staging]),
    source: {
      commit: (positions, journals?: readonly string[]) => {
        told.push(`commit ${positions.map(({ offset }) => offset).join()} of ${(journals ?? []).join()}`);
        return Promise.resolve(taken.shift() ?? true);
      },
      notes: () =>
        Promise.resolve((topic) => (topic === place.topic ? PlaceNotes.read(`tranquility ${note}`) : undefined)),
    },
  });
}

const stage = 'stage [["clicks",0,7]]';

describe('a commit', () => {
  it('is shown when it was taken', async () => {
    expect(await commits(journal('j')).commit([place], () => true)).toBe(true);
    expect(told).toEqual([stage, 'commit 7 of j', 'show']);
  });

  it('is tried again as it was when its fate is not known', async () => {
    const staged = commits(journal('j'), { taken: [false, true] });
    expect(await staged.commit([place], () => true)).toBe(false);
    expect(await staged.finish()).toBe(true);
    expect(told).toEqual([stage, 'commit 7 of j', 'commit 7 of j', 'show']);
  });

  it('is not made when partitions have gone meanwhile, and what it staged is taken away', async () => {
    const staged = commits(journal('j'));
    expect(await staged.commit([place], () => false)).toBe(false);
    await staged.settle();
    expect(told).toEqual([stage, 'drop']);
  });

  it('is not tried again when partitions have gone since: what the group has decides then', async () => {
    const staged = commits(journal('j'), { taken: [false, true] });
    let isOurs = true;
    await staged.commit([place], () => isOurs);
    isOurs = false;
    expect(await staged.finish()).toBe(false);
    await staged.settle();
    expect(told).toEqual([stage, 'commit 7 of j', 'drop']);
  });

  it('that the group has is shown before partitions are read again', async () => {
    const staged = commits(journal('j'), { taken: [false], note: 'j=7' });
    await staged.commit([place], () => true);
    await staged.settle();
    expect(told).toEqual([stage, 'commit 7 of j', 'show', 'drop']);
  });
});

describe('what a process before has left', () => {
  it.each([
    ['j=7 other=3', 'show'],
    ['j=6', 'drop'],
    ['other=7', 'drop'],
  ])('is decided by what the group keeps: %s', async (note, decision) => {
    await commits(journal('j', '[["clicks",0,7]]'), { note }).decide();
    expect(told).toEqual([decision]);
  });

  it('is kept where the group took it in part: what it took is not read again', async () => {
    await commits(journal('j', '[["clicks",0,7],["clicks",1,9]]'), { note: 'j=7' }).decide();
    expect(told).toEqual(['show']);
  });

  it('is not decided where another connector has left it', async () => {
    const deciding = commits(journal('j', '{"kinesis":{"shard":"shardId-000000000000"}}')).decide();
    await expect(deciding).rejects.toMatchObject({ code: 'TRQ_JOURNAL_STAGED' });
    expect(told).toEqual([]);
  });

  it('is kept where nobody reads it again', async () => {
    await commits(journal('j', '[["gone",0,7]]')).decide();
    expect(told).toEqual(['show']);
  });
});
