import type { JuteReader, JuteWriter } from './jute.js';
import type { WatchKind } from './watches.js';

/** Something that ZooKeeper can be asked to do. */
export interface Operation<T> {
  /** Its name in messages. */
  readonly name: string;
  /** Its number in the protocol. */
  readonly type: number;
  readonly path: string;
  /** Whether it may be sent again when a connection broke before the answer: twice does the same as once. */
  readonly repeatable: boolean;
  /** What ZooKeeper watches when the flag for it is set. */
  readonly watches?: WatchKind;
  write(writer: JuteWriter, path: string, watch: boolean): void;
  read(reader: JuteReader): T;
}

/** What ZooKeeper tells about a node, as far as we use it. */
export interface Stat {
  /** How often its data was set. A write that names it is refused when somebody else was quicker. */
  readonly version: number;
  /** The session that it ends with; 0 for a persistent node. */
  readonly ephemeralOwner: bigint;
}

/** The data of a node. */
export interface NodeData {
  readonly data: Buffer;
  readonly stat: Stat;
}

/** Numbers of replies that answer no request of ours. */
export const xids = { watchEvent: -1, ping: -2, auth: -4 } as const;

/** Operations that only a connection sends. */
export const housekeeping = { ping: 11, auth: 100, closeSession: -11 } as const;

/** How a node is created: the flags of the protocol. */
const createModes = { persistent: 0, ephemeral: 1, ephemeralSequential: 3 } as const;

export type CreateMode = keyof typeof createModes;

const allRights = 31;

/** `CreateRequest` with the open ACL, as Tranquility's nodes have it. Gives the path, with its sequence number. */
export function create(path: string, data: Buffer, mode: CreateMode): Operation<string> {
  return {
    ...{ name: 'create', type: 1, path, repeatable: false },
    write: (writer, full) => {
      writer.text(full).bytes(data);
      writer.int(1).int(allRights).text('world').text('anyone');
      writer.int(createModes[mode]);
    },
    read: (reader) => reader.text(),
  };
}

/** @param version that its data must have. Once it is removed, another may be made, and come to the same version. */
export function remove(path: string, version: number | undefined): Operation<void> {
  const anyVersion = -1;
  return {
    ...{ name: 'delete', type: 2, path, repeatable: version === undefined },
    write: (writer, full) => {
      writer.text(full).int(version ?? anyVersion);
    },
    read: () => undefined,
  };
}

export function exists(path: string): Operation<Stat> {
  return {
    ...{ name: 'exists', type: 3, path, repeatable: true, watches: 'data', write: writePathAndWatch },
    read: readStat,
  };
}

export function getData(path: string): Operation<NodeData> {
  return {
    ...{ name: 'getData', type: 4, path, repeatable: true, watches: 'data', write: writePathAndWatch },
    read: (reader) => ({ data: reader.bytes(), stat: readStat(reader) }),
  };
}

export function setData(path: string, data: Buffer, version: number): Operation<Stat> {
  return {
    ...{ name: 'setData', type: 5, path, repeatable: false },
    write: (writer, full) => {
      writer.text(full).bytes(data).int(version);
    },
    read: readStat,
  };
}

export function getChildren(path: string): Operation<string[]> {
  return {
    ...{ name: 'getChildren', type: 8, path, repeatable: true, watches: 'children', write: writePathAndWatch },
    read: (reader) => reader.list(() => reader.text()),
  };
}

export function sync(path: string): Operation<void> {
  return {
    ...{ name: 'sync', type: 9, path, repeatable: true },
    write: (writer, full) => {
      writer.text(full);
    },
    read: () => undefined,
  };
}

function writePathAndWatch(writer: JuteWriter, full: string, watch: boolean): void {
  writer.text(full).bool(watch);
}

function readStat(reader: JuteReader): Stat {
  const skipTransactionsAndTimes = (): unknown[] => [reader.long(), reader.long(), reader.long(), reader.long()];
  skipTransactionsAndTimes();
  const version = reader.int();
  const skipOtherVersions = (): unknown[] => [reader.int(), reader.int()];
  skipOtherVersions();
  return { version, ephemeralOwner: reader.long() };
}
