import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchPlan } from '../../src/append/batch-plan.js';
import { systemFiles } from '../../src/journal/file-system.js';

const range = (from: number, to: number) => ({ from, to, rows: to - from, bytes: 10, earliest: 1, latest: 2 });

describe('the plan of batches', () => {
  let directory: string;
  const open = (): Promise<BatchPlan> => BatchPlan.open(systemFiles, directory, 'clicks.batches', 100);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tranquility-plan-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('begins where the log begins', async () => {
    expect(await open()).toMatchObject({ next: 100, published: 100, batches: [] });
  });

  it('is there again when it is opened anew, with secrets and attempts', async () => {
    const plan = await open();
    const first = await plan.add(range(100, 120));
    const second = await plan.add(range(120, 150));
    expect(first.secret).not.toBe(second.secret);
    await plan.again(second);
    const found = await open();
    expect(found.next).toBe(150);
    expect(found.batches).toEqual([first, { ...second, attempt: 2 }]);
    expect(found.published).toBe(100);
  });

  it('has published what lies below the oldest batch', async () => {
    const plan = await open();
    const [first, second] = [await plan.add(range(100, 120)), await plan.add(range(120, 150))];
    await plan.remove(second);
    expect(plan.published).toBe(100);
    await plan.remove(first);
    expect(plan.published).toBe(150);
    expect((await open()).next).toBe(150);
  });

  it('refuses a file that is damaged, and touches nothing', async () => {
    await (await open()).add(range(100, 120));
    await writeFile(join(directory, 'clicks.batches'), '{"next":1}\nbad\n');
    await expect(open()).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FORMAT' });
  });

  it('changes nothing in memory when the disk refuses', async () => {
    const plan = await open();
    await rm(directory, { recursive: true });
    await expect(plan.add(range(100, 120))).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FAILED' });
    expect(plan.next).toBe(100);
    await systemFiles.mkdir(directory);
  });
});
