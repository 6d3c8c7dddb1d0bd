import { TranquilityError } from '@tranquility-js/core';
import { givenIn, readSourcedConfig } from '@tranquility-js/core/internal';
import { kafkaPackage } from '../kafka/kafka.js';
import { kinesisPackage } from '../kinesis/kinesis.js';
import type { CommonOptions } from '../options.js';
import { UsageError } from '../usage-error.js';

type Read = (
  file: string,
  properties: CommonOptions['properties'],
) => Promise<{ readonly config: { readonly warnings: readonly string[] } }>;

interface Connector {
  readonly command: string;
  /** Names of properties that nothing else reads. */
  readonly own: RegExp;
  readonly read: Read;
}

const connectors: readonly Connector[] = [
  {
    command: 'kafka',
    own: /^(kafka\.|topicPattern|useTopicAsDataSource$)/,
    read: async (...of) => (await kafkaPackage()).readKafkaPlan(...of),
  },
  {
    command: 'kinesis',
    own: /^(kinesis\.|streamPattern|useStreamAsDataSource$)/,
    read: async (...of) => (await kinesisPackage()).readKinesisPlan(...of),
  },
];

/**
 * What connectors say of a config that has properties of theirs in it: what they warn of, and what they would refuse. None of it is an error, as
 * the file may be for another program too.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID for what no program can read.
 */
export async function connectorWarnings({ config, properties }: CommonOptions): Promise<readonly string[]> {
  const names = new Set<string>();
  await readSourcedConfig(config, { properties }, (layers) => {
    for (const name of givenIn(layers).keys()) names.add(name);
  });
  const asked = connectors.filter(({ own }) => [...names].some((name) => own.test(name)));
  const said = await Promise.all(
    asked.map(async ({ command, read }) => {
      try {
        return (await read(config, properties)).config.warnings;
      } catch (error) {
        if (error instanceof UsageError) return [`"tranquility ${command}" was not asked: ${error.message}`];
        if (!(error instanceof TranquilityError)) throw error;
        const { problems = [error.message] } = error.details as { readonly problems?: readonly string[] };
        return problems.map((problem) => `"tranquility ${command}" refuses it: ${problem}`);
      }
    }),
  );
  return said.flat();
}
