import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The `java` of the PATH. */
export interface Java {
  readonly major: number;
  /** Different for every build of Java: a class archive is of use to the build that wrote it only. */
  readonly key: string;
}

/** The major version with which everything here was proved. */
export const provedJava = 17;

/** Short starts matter here, not throughput: one compiler, one collector thread. */
export const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData'] as const;

/**
 * Asks `java` on the PATH for its version.
 *
 * @throws Error when there is none.
 */
export async function findJava(): Promise<Java> {
  const { stderr, stdout } = await runTool('java', ['-version'], `Install a JDK ${provedJava} and put it on the PATH.`);
  const text = stderr + stdout;
  const version = /version "([^"]+)"/.exec(text)?.[1];
  if (version === undefined) throw new Error(`Could not read a version from what \`java -version\` printed:\n${text}`);
  const numbers = version.split(/[._-]/).map(Number);
  const first = numbers[0] ?? 0;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { major: first === 1 ? (numbers[1] ?? 0) : first, key: `java-${version}-${hash}` };
}

/**
 * Runs a short-lived tool of the PATH and returns what it printed.
 *
 * @throws Error with the advice when it is not installed, or with its output when it fails.
 */
export async function runTool(
  tool: string,
  args: readonly string[],
  adviceIfMissing: string,
): Promise<{ stdout: string; stderr: string }> {
  try {
    return await run(tool, [...args]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`There is no \`${tool}\` on the PATH. ${adviceIfMissing}`, { cause: error });
    }
    throw error;
  }
}
