import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const made: string[] = [];

/** A new directory under the system's temporary one, until {@link removeTemporary}. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-suite-'));
  made.push(directory);
  return directory;
}

/** Writes pieces of text into a new temporary file. */
export async function temporaryFile(name: string, pieces: Iterable<string>): Promise<string> {
  const file = join(await temporaryDirectory(), name);
  await pipeline(Readable.from(pieces), createWriteStream(file));
  return file;
}

/** Removes all that was temporary. */
export async function removeTemporary(): Promise<void> {
  await Promise.all(made.splice(0).map((directory) => rm(directory, { recursive: true, force: true, maxRetries: 5 })));
}
