import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FrameSplitter } from '../../src/zookeeper/frames.js';
import { JuteReader, JuteWriter } from '../../src/zookeeper/jute.js';
import { newNode, writeStat, ZnodeTree, type Znode } from './znode-tree.js';

interface Reply {
  readonly error: number;
  readonly body?: (writer: JuteWriter) => void;
  readonly events?: readonly Event[];
}

interface Event {
  readonly type: number;
  readonly path: string;
}

const errors = { noNode: -101, badVersion: -103, nodeExists: -110, notEmpty: -111 };
const created = 1;
const deleted = 2;
const dataChanged = 3;
const childrenChanged = 4;
const closeSession = -11;

/**
 * A ZooKeeper of one server in memory, as far as the engine speaks to it. A stand-in for tests of our own logic; what ZooKeeper
 * really does is for the cluster suites.
 */
export class ScriptedZooKeeper extends ZnodeTree implements AsyncDisposable {
  /** What was asked, such as `setData /a`. */
  readonly requests: string[] = [];
  /** Does something before a request is served; `drop` ends the connection, `drop after` once it is done. */
  script: (request: string) => 'drop' | 'drop after' | undefined = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, bigint>();
  readonly #watches = new Map<string, Set<Socket>>();
  #sessions = new Set<bigint>();
  #lastSession = 100n;

  private constructor(server: Server) {
    super();
    this.#server = server;
  }

  static async start(): Promise<ScriptedZooKeeper> {
    const server = createServer();
    const zookeeper = new ScriptedZooKeeper(server);
    server.on('connection', (socket) => zookeeper.#serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return zookeeper;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets all sessions and ends all connections. */
  expireSessions(): void {
    for (const session of this.#sessions) this.#end(session);
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.set(socket, 0n);
    const frames = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      for (const frame of frames.push(bytes)) {
        if (this.#sockets.get(socket) === 0n) this.#greet(socket, new JuteReader(frame));
        else this.#answer(socket, new JuteReader(frame));
      }
    });
  }

  #greet(socket: Socket, reader: JuteReader): void {
    reader.int();
    reader.long();
    const timeout = reader.int();
    const asked = reader.long();
    const session = asked === 0n ? ++this.#lastSession : asked;
    if (asked === 0n) this.#sessions.add(session);
    const lives = this.#sessions.has(session);
    this.#sockets.set(socket, session);
    const writer = new JuteWriter().int(0).int(lives ? timeout : 0);
    socket.write(
      writer
        .long(lives ? session : 0n)
        .bytes(Buffer.alloc(16))
        .bool(false)
        .frame(),
    );
  }

  #answer(socket: Socket, reader: JuteReader): void {
    const xid = reader.int();
    const type = reader.int();
    const session = this.#sockets.get(socket) ?? 0n;
    if (xid < 0) {
      socket.write(new JuteWriter().int(xid).long(1n).int(0).frame());
      return;
    }
    if (type === closeSession) {
      this.#end(session);
      socket.end();
      return;
    }
    const path = reader.text();
    const request = `${nameOf(type)} ${path}`;
    this.requests.push(request);
    const script = this.script(request);
    if (script === 'drop') socket.destroy();
    if (socket.destroyed) return;
    const { error, body, events = [] } = this.#do(type, path, reader, session, socket);
    for (const event of events) this.#fire(event);
    if (script === 'drop after') {
      socket.destroy();
      return;
    }
    const writer = new JuteWriter().int(xid).long(1n).int(error);
    body?.(writer);
    socket.write(writer.frame());
  }

  #do(type: number, path: string, reader: JuteReader, session: bigint, socket: Socket): Reply {
    const node = this.nodes.get(path);
    switch (nameOf(type)) {
      case 'create':
        return this.#create(path, reader, session);
      case 'sync':
        return { error: 0, body: (writer) => writer.text(path) };
      case 'exists':
        if (reader.bool()) this.#watch(`data ${path}`, socket);
        return node === undefined ? { error: errors.noNode } : { error: 0, body: (writer) => writeStat(writer, node) };
      default:
        if (node === undefined) return { error: errors.noNode };
        return this.#doWith(node, type, path, reader, socket);
    }
  }

  #doWith(node: Znode, type: number, path: string, reader: JuteReader, socket: Socket): Reply {
    switch (nameOf(type)) {
      case 'delete':
        if (![-1, node.version].includes(reader.int())) return { error: errors.badVersion };
        if (this.childrenOf(path).length > 0) return { error: errors.notEmpty };
        return { error: 0, events: this.#remove(path) };
      case 'getData':
        if (reader.bool()) this.#watch(`data ${path}`, socket);
        return { error: 0, body: (writer) => writeStat(writer.bytes(node.data), node) };
      case 'getChildren': {
        if (reader.bool()) this.#watch(`children ${path}`, socket);
        const children = this.childrenOf(path);
        return {
          error: 0,
          body: (writer) => children.reduce((to, name) => to.text(name), writer.int(children.length)),
        };
      }
      default: {
        const data = Buffer.from(reader.bytes());
        if (reader.int() !== node.version) return { error: errors.badVersion };
        node.data = data;
        node.version++;
        return { error: 0, body: (writer) => writeStat(writer, node), events: [{ type: dataChanged, path }] };
      }
    }
  }

  #create(path: string, reader: JuteReader, session: bigint): Reply {
    const data = Buffer.from(reader.bytes());
    reader.list(() => [reader.int(), reader.text(), reader.text()]);
    const isSequential = reader.int() === 3;
    const parentPath = path.slice(0, path.lastIndexOf('/')) || '/';
    const parent = this.nodes.get(parentPath);
    if (parent === undefined) return { error: errors.noNode };
    const full = isSequential ? path + String(parent.nextChild++).padStart(10, '0') : path;
    if (this.nodes.has(full)) return { error: errors.nodeExists };
    this.nodes.set(full, newNode(data, isSequential ? session : 0n));
    const events = [
      { type: created, path: full },
      { type: childrenChanged, path: parentPath },
    ];
    return { error: 0, body: (writer) => writer.text(full), events };
  }

  #remove(path: string): Event[] {
    this.nodes.delete(path);
    return [
      { type: deleted, path },
      { type: childrenChanged, path: path.slice(0, path.lastIndexOf('/')) || '/' },
    ];
  }

  #end(session: bigint): void {
    this.#sessions.delete(session);
    for (const [path, node] of [...this.nodes]) {
      if (node.owner !== session) continue;
      for (const event of this.#remove(path)) this.#fire(event);
    }
  }

  #watch(key: string, socket: Socket): void {
    const watching = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, watching.add(socket));
  }

  #fire({ type, path }: Event): void {
    const keys = [
      ...(type === childrenChanged ? [] : [`data ${path}`]),
      ...(type === childrenChanged || type === deleted ? [`children ${path}`] : []),
    ];
    const sockets = new Set(keys.flatMap((key) => [...(this.#watches.get(key) ?? [])]));
    for (const key of keys) this.#watches.delete(key);
    for (const socket of sockets) {
      if (!socket.destroyed)
        socket.write(new JuteWriter().int(-1).long(-1n).int(0).int(type).int(3).text(path).frame());
    }
  }
}

const names: Record<number, string> = {
  1: 'create',
  2: 'delete',
  3: 'exists',
  4: 'getData',
  5: 'setData',
  8: 'getChildren',
  9: 'sync',
};

const nameOf = (type: number): string => names[type] ?? String(type);
