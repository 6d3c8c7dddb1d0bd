import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TranquilityError } from '../errors/tranquility-error.js';
import { removeFile, type File, type FileSystem } from './file-system.js';
import { diskTrouble, journalLocked } from './journal-error.js';

const [prefix, suffix, fresh] = ['writer-', '.sock', '.sock-new'];
/** How often to look whether there is another writer, and how long to wait in between, in milliseconds. */
const [looks, pause] = [5, 100];
/** The longest path that every system takes for a socket, in bytes. */
const longestPath = 100;

/**
 * Keeps a directory to one writer. The writer listens on a Unix socket in it: the system answers for it as long as it lives,
 * also from another container, and refuses as soon as it is dead, so nothing is left to clean up by hand. Each process makes a socket
 * with a name of its own and looks for others only then: of two that begin at the same time, one sees the other at least.
 * A writer on another host, which has the same storage mounted, seems dead: only one host may have the directory mounted for writing.
 */
export class WriterLock {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #server: Server;

  private constructor(files: FileSystem, path: string, server: Server) {
    this.#files = files;
    this.#path = path;
    this.#server = server;
  }

  /** Whether a file of this name is part of a lock. */
  static owns(name: string): boolean {
    return name.startsWith(prefix) && (name.endsWith(suffix) || name.endsWith(fresh));
  }

  /**
   * Who has a directory, as text; `undefined` when nobody has.
   * @throws TRQ_JOURNAL_FAILED
   */
  static async holder(files: FileSystem, directory: string): Promise<string | undefined> {
    try {
      const reach = await Reach.of(files, directory);
      try {
        const name = await otherWriter(files, reach, '');
        return name === undefined ? undefined : writerText(name);
      } finally {
        await reach.close();
      }
    } catch (error) {
      throw diskTrouble(`look for writers in ${directory}`, error);
    }
  }

  /**
   * Looks some times, as one that has just ended may take a moment, and one that begins at the same time gives way.
   * @throws TRQ_JOURNAL_LOCKED when another process has it; TRQ_JOURNAL_FAILED
   */
  static async acquire(files: FileSystem, directory: string): Promise<WriterLock> {
    for (let look = 1; ; look++) {
      try {
        return await WriterLock.#acquire(files, directory);
      } catch (error) {
        if (look === looks || !(error instanceof TranquilityError) || error.code !== 'TRQ_JOURNAL_LOCKED') throw error;
        await sleep((0.5 + Math.random()) * pause);
      }
    }
  }

  static async #acquire(files: FileSystem, directory: string): Promise<WriterLock> {
    const reach = await Reach.of(files, directory).catch((error: unknown) => {
      throw diskTrouble(`open the directory ${directory}`, error);
    });
    try {
      const name = `${prefix}${process.pid}-${randomBytes(6).toString('hex')}`;
      const server = await listen(files, reach, name).catch((error: unknown) => {
        throw diskTrouble(`make a Unix socket in ${directory}, which keeps other writers away`, error);
      });
      const lock = new WriterLock(files, join(directory, name + suffix), server);
      const holder = await otherWriter(files, reach, name + suffix).catch(async (error: unknown) => {
        await lock.release();
        throw diskTrouble(`look for other writers in ${directory}`, error);
      });
      if (holder === undefined) return lock;
      await lock.release();
      throw journalLocked(directory, writerText(holder));
    } finally {
      await reach.close();
    }
  }

  async release(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
    // One that stays is dead, and goes with the next writer.
    await removeFile(this.#files, this.#path).catch(() => undefined);
  }
}

/** A directory by a path that is short enough for sockets in it. */
class Reach {
  readonly directory: string;
  readonly #path: string;
  readonly #handle: File | undefined;

  private constructor(directory: string, path: string, handle?: File) {
    this.directory = directory;
    this.#path = path;
    this.#handle = handle;
  }

  static async of(files: FileSystem, directory: string): Promise<Reach> {
    const longest = join(directory, `${prefix}${process.pid}-${'0'.repeat(12)}${fresh}`);
    if (Buffer.byteLength(longest) <= longestPath || process.platform !== 'linux')
      return new Reach(directory, directory);
    const handle = await files.open(directory, 'r');
    return new Reach(directory, `/proc/self/fd/${handle.fd}`, handle);
  }

  to(name: string): string {
    return join(this.#path, name);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/** The socket gets its name when it listens: before, it would be taken for a dead one. */
async function listen(files: FileSystem, reach: Reach, name: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  // It shall not keep a process alive that has nothing else to do.
  server.unref();
  server.listen(reach.to(name + fresh));
  await once(server, 'listening');
  try {
    await files.rename(join(reach.directory, name + fresh), join(reach.directory, name + suffix));
  } catch (error) {
    server.close();
    throw error;
  }
  return server;
}

/** `process 4711`, of the name of a socket. */
const writerText = (name: string): string => `process ${name.slice(prefix.length).split('-')[0] ?? ''}`;

/** The name of another writer's socket, if one lives. Those of the dead are removed. */
async function otherWriter(files: FileSystem, reach: Reach, ours: string): Promise<string | undefined> {
  const names = await files.readdir(reach.directory);
  for (const name of names) {
    if (!WriterLock.owns(name) || name === ours) continue;
    const isAlive = await answers(reach.to(name));
    if (isAlive && name.endsWith(suffix)) return name;
    if (!isAlive) await removeFile(files, join(reach.directory, name));
  }
  return undefined;
}

/** Whether somebody listens. Only a refusal says that nobody does. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    return !['ECONNREFUSED', 'ENOENT'].includes(String((error as NodeJS.ErrnoException).code));
  } finally {
    socket.destroy();
  }
}
