import type * as KinesisProcess from '@tranquility-js/kinesis/process';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { UsageError } from '../usage-error.js';
import { kinesisHelp, readKinesisOptions } from './options.js';

/** `tranquility kinesis`: streams to dataSources, until the user ends it. */
export const kinesis: Command = async (args, { terminal, onInterrupt, lasts }) => {
  const options = readKinesisOptions(args);
  if (options === 'help') {
    terminal.out.write(kinesisHelp);
    return exitCodes.ok;
  }
  const { runKinesis } = await kinesisPackage();
  lasts();
  const { drained, left } = await runKinesis({ ...options, log: terminal.out, onInterrupt });
  for (const line of left) terminal.err.write(`${line}\n`);
  return drained ? exitCodes.ok : exitCodes.failed;
};

/** A package of its own, as it brings the SDK of AWS. */
export async function kinesisPackage(): Promise<typeof KinesisProcess> {
  try {
    return await import('@tranquility-js/kinesis/process');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      'The Kinesis connector is not installed. Install it beside the command: npm install @tranquility-js/kinesis @aws-sdk/client-dynamodb',
    );
  }
}
