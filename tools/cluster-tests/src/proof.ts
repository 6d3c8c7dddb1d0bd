import type { ClusterOptions } from '@tranquility-js/cluster';
import { endTasks } from './druid.js';

/** `small` is what CI can afford; `full` is what a release is proved with. */
export type Size = 'small' | 'full';

/** What was measured, by its name. */
export type Figures = Readonly<Record<string, number | string>>;

/** What a case is run with. */
interface Stage {
  readonly size: Size;
  /** Says in a line what happens. */
  readonly tell: (line: string) => void;
  /** Names a dataSource for this case alone, and ends its tasks when the case has ended. */
  readonly dataSource: (name: string) => string;
}

/** One thing to be seen on a real cluster. */
export interface Case {
  readonly name: string;
  /** What it is shown on. Default: what all suites share. Cases that follow each other share what is the same object. */
  readonly cluster?: ClusterOptions;
  /** Whether it is too much for CI: then it is run in full size only. */
  readonly isForFullSize?: boolean;
  /** @throws when it is not so. */
  readonly run: (stage: Stage) => Promise<Figures>;
}

/** A promise of ours, and the cases that show it: the same in CI, where they are small, and in full size by `npm run proof`. */
export interface Proof {
  readonly name: string;
  /** A sentence. */
  readonly promise: string;
  readonly cases: readonly Case[];
}

/** Runs a case, and leaves no tasks behind, be it that it fails. */
export async function runCase(one: Case, size: Size, tell: (line: string) => void): Promise<Figures> {
  const dataSources = new Set<string>();
  const dataSource = (name: string): string => {
    dataSources.add(name);
    return name;
  };
  let figures: Figures;
  try {
    figures = await one.run({ size, tell, dataSource });
  } catch (error) {
    // What failed first is what is told.
    await Promise.allSettled([...dataSources].map(endTasks));
    throw error;
  }
  await Promise.all([...dataSources].map(endTasks));
  return figures;
}
