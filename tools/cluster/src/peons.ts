import { basename } from 'node:path';
import { runTool } from './java.js';

/** A JVM that a middle manager started for one task. */
export interface Peon {
  readonly pid: number;
  readonly taskId: string;
}

/** The peons that live in these process groups. */
export async function listPeons(groups: readonly number[]): Promise<Peon[]> {
  const { stdout } = await runTool('ps', ['-ww', '-A', '-o', 'pid=,pgid=,args='], 'Install it: procps on Linux.');
  return peonsOf(stdout, groups);
}

/** Reads what `ps -o pid=,pgid=,args=` printed. */
export function peonsOf(processTable: string, groups: readonly number[]): Peon[] {
  const peons: Peon[] = [];
  for (const line of processTable.split('\n')) {
    // The peon's first argument is the directory of its task, which has the task's name.
    const match = /^\s*(\d+)\s+(\d+)\s.* internal peon (\S+)/.exec(line);
    if (match === null || !groups.includes(Number(match[2]))) continue;
    peons.push({ pid: Number(match[1]), taskId: basename(match[3] ?? '') });
  }
  return peons;
}
