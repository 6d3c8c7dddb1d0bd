import { strict as assert } from 'node:assert';
import { ConnectorProcess } from './connector-process.js';
import { eventually, type RealKafka, type Written } from './real-kafka.js';

/** How many partitions each topic has. */
export const partitions = 6;
/** The group of the connectors. */
export const group = 'proof';
/** Theirs, in milliseconds. */
export const sessionTimeout = 10_000;

const week = 7 * 24 * 3_600_000;

/** A topic that is written to while connectors and the broker are killed. */
interface CrashTopic {
  readonly topic: string;
  /** Of so many events one is of a week ago. Default: none. */
  readonly lateEach?: number;
}

interface Wish {
  readonly topics: readonly CrashTopic[];
  /** Of the connector that goes on, and of the one that is killed. */
  readonly configs: readonly string[];
  /** In each topic. */
  readonly events: number;
  readonly tell: (line: string) => void;
  /** Waits for more, while the connectors still run. @param written how many records each topic has. */
  readonly settled?: (written: readonly number[]) => Promise<void>;
}

/** What happened to a topic. */
export interface Crashed {
  /** The end of what the two connectors have said. */
  readonly log: string;
  /** Records in it: what the broker was killed over, its producer has perhaps written twice. */
  readonly written: number;
  /** Records that were written and not committed at the two kills, at most. */
  readonly underWay: number;
}

/**
 * Two connectors share topics of numbered events, and one of them is killed and started again; then the broker is killed, and comes back.
 * @returns what happened to each topic, when all that is in it is committed and the connectors have ended.
 */
export async function crashes(
  broker: RealKafka,
  { topics, configs, events, tell, settled }: Wish,
): Promise<readonly Crashed[]> {
  const [steadyConfig = '', shakyConfig = ''] = configs;
  const steady = new ConnectorProcess(steadyConfig);
  let shaky = new ConnectorProcess(shakyConfig);
  const each = <T>(of: (topic: CrashTopic) => Promise<T>): Promise<T[]> => Promise.all(topics.map(of));
  const committed = (): Promise<number[]> => each(({ topic }) => committedIn(broker, topic));
  const ends = (): Promise<number[]> => each(({ topic }) => endOf(broker, topic));
  try {
    const quarter = Math.floor(events / 4);
    const writeUpTo = (from: number, to: number): Promise<unknown> => each((topic) => write(broker, topic, from, to));
    // What is read before both are there may be read again when the other one comes, and was not under way at a kill.
    await Promise.all([steady.joined(), shaky.joined()]);
    await bothInGroup(broker);
    await writeUpTo(0, quarter);
    await eventually(async () => {
      steady.check();
      return (await committed()).every((count) => count > 0);
    });
    tell('Killing one of the two connectors');
    await writeUpTo(quarter, 2 * quarter);
    const before = await committed();
    await shaky.kill();
    shaky = new ConnectorProcess(shakyConfig);
    await shaky.joined();
    await bothInGroup(broker);
    tell('Killing the broker');
    await writeUpTo(2 * quarter, 3 * quarter);
    const atBroker = await committed();
    await broker.cluster.service('kafka').kill();
    await broker.cluster.service('kafka').start();
    await eventually(() =>
      each(({ topic }) => broker.admin.fetchTopicOffsets(topic)).then(
        (found) => found.every(({ length }) => length === partitions),
        () => false,
      ),
    );
    await bothInGroup(broker, sessionTimeout + 2_000);
    await writeUpTo(3 * quarter, events);
    const written = await ends();
    await eventually(async () => {
      steady.check();
      shaky.check();
      return String(await committed()) === String(written);
    });
    await settled?.(written);
    assert.deepEqual(await Promise.all([steady.stop(), shaky.stop()]), [0, 0], `${steady.log}\n${shaky.log}`);
    const log = `${steady.log}\n${shaky.log}`;
    return written.map((count, at) => ({
      log,
      written: count,
      underWay: 5 * quarter - (before[at] ?? 0) - (atBroker[at] ?? 0),
    }));
  } catch (error) {
    tell(`${steady.log}\n${shaky.log}`);
    throw error;
  } finally {
    await Promise.all([steady.kill(), shaky.kill()]);
  }
}

/** A connector with this config, of another group, reads all that is in a topic. */
export async function readAll(broker: RealKafka, config: string, reader: string, topic: string): Promise<void> {
  const connector = new ConnectorProcess(config);
  try {
    const end = await endOf(broker, topic);
    await eventually(async () => {
      connector.check();
      return (await committedIn(broker, topic, reader)) === end;
    });
    assert.equal(await connector.stop(), 0, connector.log);
  } finally {
    await connector.kill();
  }
}

/**
 * Resolves when the group has shared out its partitions to the two, and to nobody else.
 * @param millis for how long that must be so: a member that is gone is known for as long as a session.
 */
async function bothInGroup(broker: RealKafka, millis = 0): Promise<void> {
  let since = performance.now();
  let members: string | undefined;
  await eventually(async () => {
    const found = await membersOf(broker);
    if (found?.join() !== members) since = performance.now();
    members = found?.join();
    return found?.length === 2 && performance.now() - since >= millis;
  });
}

/** @returns nothing while they are being shared out, or the broker does not say. */
async function membersOf(broker: RealKafka): Promise<readonly string[] | undefined> {
  const { groups } = await broker.admin.describeGroups([group]).catch(() => ({ groups: [] }));
  const [found] = groups;
  return found?.state === 'Stable' ? found.members.map(({ memberId }) => memberId).sort() : undefined;
}

/** Numbered events whose time is now, but for those that are late. */
async function write(broker: RealKafka, { topic, lateEach }: CrashTopic, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 2_000) {
    const now = Date.now();
    const messages: Written[] = Array.from({ length: Math.min(2_000, to - at) }, (_, index) => {
      const n = at + index;
      const time = lateEach !== undefined && n % lateEach === 0 ? now - week : now;
      return { value: `{"time":${time},"n":${n},"page":"page ${n % 10}"}`, partition: n % partitions };
    });
    await broker.write(topic, messages);
  }
}

async function committedIn(broker: RealKafka, topic: string, reader = group): Promise<number> {
  const places = await broker.places(reader, topic).catch(() => []);
  return places.reduce((sum, place) => sum + Math.max(0, place), 0);
}

async function endOf(broker: RealKafka, topic: string): Promise<number> {
  const found = await broker.admin.fetchTopicOffsets(topic);
  return found.reduce((sum, { high }) => sum + Number(high), 0);
}
