import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.js';
import { resolveJars } from './jars.js';
import type { Jars } from './jars.js';
import { defaults } from './options.js';
import type { Plan } from './options.js';

/** Another version's extension would not load. This one is on Maven Central. */
const versionsWithKafkaExtension: readonly string[] = ['33.0.0'];
const kafkaExtension = 'druid-kafka-indexing-service';

/** A version of something and its jars. */
interface Part {
  readonly version: string;
  readonly jars: Jars;
}

/** The jars of all that a cluster is made of. */
export interface Parts {
  /** ZooKeeper is among Druid's jars. */
  readonly zookeeper: Jars;
  readonly druid?: Part & { readonly extensions: readonly { readonly name: string; readonly jars: Jars }[] };
  readonly kafka?: Part;
}

/** Resolves what a plan needs. */
export async function resolveParts(context: Context, plan: Plan): Promise<Parts> {
  const druidVersion = plan.druid === false ? defaults.druid : plan.druid;
  const property = 'druid.version';
  const druidJars = await resolveJars(context, { name: 'druid', version: druidVersion, property });
  const kafka = plan.kafka !== false && {
    version: plan.kafka,
    jars: await resolveJars(context, { name: 'kafka', version: plan.kafka, property: 'kafka.version' }),
  };
  const extensions = [];
  if ((kafka !== false || plan.kafkaExtension) && versionsWithKafkaExtension.includes(druidVersion)) {
    const jars = await resolveJars(context, { name: kafkaExtension, version: druidVersion, property });
    extensions.push({ name: kafkaExtension, jars });
  }
  return {
    zookeeper: druidJars,
    ...(plan.druid === false ? {} : { druid: { version: druidVersion, jars: druidJars, extensions } }),
    ...(kafka === false ? {} : { kafka }),
  };
}

/** Makes the directory in which Druid looks for its extensions, each in a folder of its name. */
export async function linkExtensions(
  directory: string,
  extensions: NonNullable<Parts['druid']>['extensions'],
): Promise<void> {
  await mkdir(directory);
  for (const { name, jars } of extensions) await symlink(jars.directory, join(directory, name));
}
