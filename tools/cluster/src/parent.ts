const pollMillis = 500;

/**
 * Resolves when the process `parent` has ended, or without one when the process that started us has.
 * It polls: the system tells nobody but a parent of an end.
 */
export function parentGone(parent: number | undefined): Promise<string> {
  const first = process.ppid;
  const gone = parent === undefined ? () => process.ppid !== first : () => !isAlive(parent);
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!gone()) return;
      clearInterval(timer);
      resolve(`process ${parent ?? first} has ended`);
    }, pollMillis);
  });
}

/** Whether a process of that number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
