import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { quickStart } from '../../cluster/src/java.js';
import { javaProgram } from './java-program.js';

const run = promisify(execFile);

/** What a reader found in each partition: how many records, and the sum of the numbers in them. */
type Found = readonly { readonly count: number; readonly sum: number }[];

/** Reads a topic to its end with the Java client of a version. */
export type JavaReader = (
  bootstrap: string,
  topic: string,
  properties?: Readonly<Record<string, string>>,
) => Promise<Found>;

/** Writes so many numbered events to partition 0 of a topic, compressed, each with so many letters of filling. */
export type JavaWriter = (
  bootstrap: string,
  topic: string,
  compression: 'gzip' | 'snappy' | 'lz4' | 'zstd',
  count: number,
  filling: number,
) => Promise<void>;

/** Compiles the writer against the client of a version. */
export async function javaWriter(version: string): Promise<JavaWriter> {
  const run = await kafkaProgram('WriteAll', version);
  return async (bootstrap, topic, compression, count, filling) => {
    await run([bootstrap, topic, compression, String(count), String(filling)]);
  };
}

/** Compiles the reader against the client of a version, whose jars Maven brings the first time. */
export async function javaReader(version: string): Promise<JavaReader> {
  const run = await kafkaProgram('ReadAll', version);
  return async (bootstrap, topic, properties = {}) => {
    const pairs = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    return (await run([bootstrap, topic, ...pairs]))
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number))
      .map(([count = NaN, sum = NaN]) => ({ count, sum }));
  };
}

/** Compiles a program, and returns what runs it and gives its standard output. */
async function kafkaProgram(name: string, version: string): Promise<(args: readonly string[]) => Promise<string>> {
  const classPath = await javaProgram(name, { name: 'kafka-clients', version, property: 'kafka.version' });
  const flags = ['-Xmx512m', ...quickStart, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  return async (args) => {
    const { stdout } = await run('java', [...flags, '-cp', classPath, name, ...args], { timeout: 120_000 });
    return stdout;
  };
}
