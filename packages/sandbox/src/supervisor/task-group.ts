import type { Task } from '../overlord/task.js';
import type { Offsets } from './offset-store.js';
import { StreamTask } from './stream-task.js';

/** The tasks that read the same partitions from the same place: replicas of each other, and those that stand in for lost ones. */
export class TaskGroup {
  readonly id: number;
  readonly sequence: string;
  readonly start: Offsets;
  /** When it was made, epoch milliseconds. */
  readonly created: number;
  /** Where it ends, once that is settled. */
  end: Offsets | undefined;
  /** When it is given up, unless it has published by then; epoch milliseconds. */
  deadline = Infinity;
  readonly #tasks: Task[] = [];
  #isPublished = false;
  #waiting: (() => void)[] = [];

  constructor(group: Pick<TaskGroup, 'id' | 'sequence' | 'start' | 'created'>) {
    this.id = group.id;
    this.sequence = group.sequence;
    this.start = group.start;
    this.created = group.created;
  }

  get running(): readonly Task[] {
    return this.#tasks.filter((task) => task.isRunning);
  }

  get isPublished(): boolean {
    return this.#isPublished;
  }

  /** Whether nothing will come of it any more: all its tasks have ended and published nothing. */
  get hasFailed(): boolean {
    return !this.#isPublished && this.running.length === 0;
  }

  /** Whether both read a partition. */
  overlaps(other: TaskGroup): boolean {
    return [...this.start.keys()].some((partition) => other.start.has(partition));
  }

  add(task: Task): void {
    this.#tasks.push(task);
  }

  /** How far a task of it has read; undefined before it runs. */
  positionsOf({ work }: Task): Offsets | undefined {
    return work instanceof StreamTask ? work.positions : undefined;
  }

  /**
   * Ends the reading where the furthest of its tasks is. The others read up to there, then all publish.
   * @returns tasks that do not run yet, and are of no use any more.
   */
  finish(deadline: number): readonly Task[] {
    const end = new Map(this.start);
    const tasks = this.running;
    for (const task of tasks) {
      for (const [partition, offset] of this.positionsOf(task) ?? []) {
        end.set(partition, Math.max(offset, end.get(partition) ?? 0));
      }
    }
    this.end = end;
    this.deadline = deadline;
    for (const { work } of tasks) if (work instanceof StreamTask) work.finishAt(end);
    return tasks.filter(({ work }) => work === undefined);
  }

  hasPublished(): void {
    this.#isPublished = true;
    this.noteEnd();
  }

  /** To be called when a task has ended. */
  noteEnd(): void {
    if (!this.#isPublished && !this.hasFailed) return;
    for (const act of this.#waiting.splice(0)) act();
  }

  /** Calls back once it has published or failed, at once if it has. */
  whenSettled(act: () => void): void {
    if (this.#isPublished || this.hasFailed) act();
    else this.#waiting.push(act);
  }
}
