import { systemFiles, type File, type FileSystem } from '../../../src/journal/file-system.js';

/** What is asked of a file system. */
export interface Call {
  readonly name: 'open' | 'write' | 'sync' | 'truncate' | 'rename' | 'unlink';
  readonly path: string;
}

/** What becomes of it: an error's code; `skip`, done as if; or `partial`, which writes some of the bytes. */
export type Fault = string | undefined;

/** The machine's file system, with faults. */
export function faultyFiles(faultOf: (call: Call) => Fault): FileSystem {
  const check = (name: Call['name'], path: string): Fault => {
    const fault = faultOf({ name, path });
    if (fault === undefined || fault === 'skip' || fault === 'partial') return fault;
    throw Object.assign(new Error(`${fault}: ${name} ${path}`), { code: fault });
  };
  const open = async (path: string, flags?: string): Promise<File> => {
    check('open', path);
    return withFaults(await systemFiles.open(path, flags), path, check);
  };
  return {
    ...systemFiles,
    open: open as FileSystem['open'],
    rename: async (from, to) => {
      check('rename', String(to));
      await systemFiles.rename(from, to);
    },
    unlink: async (path) => {
      check('unlink', String(path));
      await systemFiles.unlink(path);
    },
  };
}

function withFaults(file: File, path: string, check: (name: Call['name'], path: string) => Fault): File {
  const faulty: Record<string, unknown> = {
    writev: async (buffers: readonly Uint8Array[], position: number) => {
      const isPartial = check('write', path) === 'partial';
      return await file.writev(isPartial ? [(buffers[0] ?? Buffer.alloc(0)).subarray(0, 7)] : buffers, position);
    },
    sync: async () => {
      if (check('sync', path) !== 'skip') await file.sync();
    },
    datasync: async () => {
      if (check('sync', path) !== 'skip') await file.datasync();
    },
    truncate: async (length: number) => {
      check('truncate', path);
      await file.truncate(length);
    },
  };
  return new Proxy(file, {
    get: (target, key) => {
      const own: unknown = Reflect.get(target, key);
      return faulty[String(key)] ?? (typeof own === 'function' ? (own.bind(target) as unknown) : own);
    },
  });
}
