import { beforeEach, describe, expect, it } from 'vitest';
import type { PushBody } from '../../src/druid/task-client.js';
import { TranquilityError } from '../../src/errors/tranquility-error.js';
import type { Replica } from '../../src/realtime/replica.js';
import { ReplicaSet } from '../../src/realtime/replica-set.js';
import { replicaLags, taskGone } from '../../src/realtime/task-errors.js';
import { ManualClock } from '../support/manual-clock.js';

const body: PushBody = { bytes: Buffer.from('[]'), headers: {} };

/** A replica that answers as the test says. */
class StubReplica {
  gone: TranquilityError | undefined;
  givenUp = false;
  readonly rows = 0;
  readonly id: string;
  readonly #answer: (replica: StubReplica) => string | undefined;

  constructor(id: string, answer: (replica: StubReplica) => string | undefined) {
    this.id = id;
    this.#answer = answer;
  }

  async push(): Promise<string | undefined> {
    await Promise.resolve();
    return this.#answer(this);
  }

  giveUp(): Promise<void> {
    this.givenUp = true;
    this.gone = replicaLags(this.id);
    return Promise.resolve();
  }
}

const accepts = (): undefined => undefined;
const fails = (): never => {
  throw new Error('503');
};

function push(...replicas: StubReplica[]): Promise<string | undefined> {
  return pushUntil(new AbortController().signal, ...replicas);
}

function pushUntil(signal: AbortSignal, ...replicas: StubReplica[]): Promise<string | undefined> {
  const clock = new ManualClock();
  const set = new ReplicaSet(replicas as unknown as Replica[]);
  return set.push(body, 1, { clock, deadline: clock.now() + 1_000, signal }, 100);
}

describe('a set of replicas', () => {
  it('has rows when all that live have them', async () => {
    const [a, b] = [new StubReplica('a', accepts), new StubReplica('b', accepts)];
    expect(await push(a, b)).toBeUndefined();
    expect([a.givenUp, b.givenUp]).toEqual([false, false]);
  });

  it('ends a replica that misses rows', async () => {
    const [a, b] = [new StubReplica('a', accepts), new StubReplica('b', fails)];
    expect(await push(a, b)).toBeUndefined();
    expect([a.givenUp, b.givenUp]).toEqual([false, true]);
  });

  describe('whose push is cut off', () => {
    const closed = new TranquilityError('TRQ_ABORTED', 'closed');
    let abort: AbortController;
    beforeEach(() => {
      abort = new AbortController();
    });
    const isCutOff = (): never => {
      abort.abort(closed);
      throw closed;
    };

    it('has no rows that a replica misses which lives on', async () => {
      const [a, b] = [new StubReplica('a', accepts), new StubReplica('b', isCutOff)];
      await expect(pushUntil(abort.signal, a, b)).rejects.toBe(closed);
      expect([a.givenUp, b.givenUp]).toEqual([false, false]);
    });

    it('has the rows that all have which live', async () => {
      const dies = (replica: StubReplica): never => {
        replica.gone = taskGone('b', 'FAILED', 'killed');
        return isCutOff();
      };
      expect(await pushUntil(abort.signal, new StubReplica('a', accepts), new StubReplica('b', dies))).toBeUndefined();
    });
  });

  it('keeps a replica that misses only rows of one that has died', async () => {
    const dies = (replica: StubReplica): undefined => {
      replica.gone = taskGone('a', 'FAILED', 'killed');
      return undefined;
    };
    const [a, b] = [new StubReplica('a', dies), new StubReplica('b', fails)];
    await expect(push(a, b)).rejects.toThrow('503');
    expect(b.givenUp).toBe(false);
  });

  it('tells what no replica can read', async () => {
    const refuses = (): string => 'unparseable';
    expect(await push(new StubReplica('a', refuses), new StubReplica('b', refuses))).toBe('unparseable');
  });

  it('says that all are gone', async () => {
    const gone = (): never => {
      throw taskGone('x', 'FAILED');
    };
    await expect(push(new StubReplica('a', gone), new StubReplica('b', gone))).rejects.toMatchObject({
      code: 'TRQ_TASK_GONE',
    });
  });
});
