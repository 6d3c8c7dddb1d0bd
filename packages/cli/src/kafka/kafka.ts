import type * as KafkaProcess from '@tranquility-js/kafka/process';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { UsageError } from '../usage-error.js';
import { kafkaHelp, readKafkaOptions } from './options.js';

/** `tranquility kafka`: topics to dataSources, until the user ends it. */
export const kafka: Command = async (args, { terminal, onInterrupt, lasts }) => {
  const options = readKafkaOptions(args);
  if (options === 'help') {
    terminal.out.write(kafkaHelp);
    return exitCodes.ok;
  }
  const { runKafka, superviseTopics } = await kafkaPackage();
  if (options.supervise) {
    const done = await superviseTopics(options);
    terminal.out.write(options.json ? `${JSON.stringify(done)}\n` : summary(done));
    return exitCodes.ok;
  }
  lasts();
  const { drained, left } = await runKafka({ ...options, log: terminal.out, onInterrupt });
  for (const line of left) terminal.err.write(`${line}\n`);
  return drained ? exitCodes.ok : exitCodes.failed;
};

function summary(done: readonly KafkaProcess.Supervised[]): string {
  return done
    .map(
      ({ dataSource, topic, supervisor }) =>
        `${dataSource}: Druid reads ${topic} itself; its supervisor: ${supervisor}\n`,
    )
    .join('');
}

/** A package of its own, as it brings a client that nobody needs who only pushes. */
export async function kafkaPackage(): Promise<typeof KafkaProcess> {
  try {
    return await import('@tranquility-js/kafka/process');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      'The Kafka connector is not installed. Install it beside the command: npm install @tranquility-js/kafka',
    );
  }
}
