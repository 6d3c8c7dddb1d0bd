import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { messageOf } from '@tranquility-js/core';
import { UsageError } from '../usage-error.js';

/** A named source of bytes. */
export interface Input {
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

const chunkSize = 1 << 20;

/**
 * Looks at every input before the first is read, so that a misspelt name is told before half of the work is done.
 * @throws UsageError
 */
export async function findInputs(
  files: readonly string[],
  stdin: Readable & { readonly isTTY?: boolean },
): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const file of files) {
    if (file === '-') {
      if (stdin.isTTY === true) throw new UsageError('Name a file, or pipe events into standard input.');
      inputs.push({ name: 'stdin', open: () => stdin });
    } else {
      await mustBeReadable(file);
      inputs.push({ name: file, open: () => createReadStream(file, { highWaterMark: chunkSize }) });
    }
  }
  return inputs;
}

async function mustBeReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isDirectory()) throw new Error('it is a directory');
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${messageOf(error)}`);
  }
}
