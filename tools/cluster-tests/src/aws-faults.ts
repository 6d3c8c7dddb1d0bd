import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service of AWS's answers instead. */
export interface AwsFault {
  /** The name of the operation, such as GetRecords. */
  readonly operation: string;
  /** The name of the error, such as ProvisionedThroughputExceededException. */
  readonly error: string;
  /** How often; for ever, if it is not given. */
  readonly times?: number;
  /** Of so many requests one; each, if it is not given. */
  readonly oneIn?: number;
  /** What becomes of the request: `refuse` it (the default), do it and `lose-answer`, keep it in `silence`, or, of PutRecords, do only the first `half`. */
  readonly how?: 'refuse' | 'lose-answer' | 'silence' | 'half';
}

/** A proxy on a free port of 127.0.0.1 before an emulator, which answers with errors that the emulator never gives. */
export class AwsFaults implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: URL;
  #faults: { readonly fault: AwsFault; left: number; seen: number }[] = [];
  /** How often each operation was asked for. */
  readonly asked = new Map<string, number>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((from, to) => {
      this.#handle(from, to);
    });
  }

  /** @param target the URL of the emulator. */
  static async before(target: string): Promise<AwsFaults> {
    const faults = new AwsFaults(target);
    await new Promise<void>((resolve) => faults.#server.listen(0, '127.0.0.1', resolve));
    return faults;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What goes wrong from now on. */
  set faults(faults: readonly AwsFault[]) {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? Infinity, seen: 0 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(from: IncomingMessage, to: ServerResponse): void {
    const operation = String(from.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    this.asked.set(operation, (this.asked.get(operation) ?? 0) + 1);
    const fault = this.#faultFor(operation);
    if (fault === undefined) {
      this.#forward(from, to);
    } else if (fault.how === 'lose-answer') {
      this.#forward(from, to, true);
    } else if (fault.how === 'silence') {
      from.resume();
    } else if (fault.how === 'half') {
      void this.#half(from, to, fault.error);
    } else {
      from.resume();
      to.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      to.end(JSON.stringify({ __type: fault.error, message: `${fault.error} for a test` }));
    }
  }

  #forward(from: IncomingMessage, to: ServerResponse, isLost = false): void {
    const { method, url: path, headers } = from;
    const onward = request(new URL(path ?? '/', this.#target), { method, headers }, (answer) => {
      if (isLost) {
        answer.resume();
        answer.on('end', () => to.destroy());
        return;
      }
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  }

  /** Puts the first half of the records; of each of the others it says that it failed. */
  async #half(from: IncomingMessage, to: ServerResponse, error: string): Promise<void> {
    const wish = JSON.parse(Buffer.concat(await from.toArray()).toString()) as { Records: object[] };
    const half = wish.Records.slice(0, Math.ceil(wish.Records.length / 2));
    const own = ['host', 'connection', 'content-length', 'transfer-encoding', 'expect'];
    const headers = Object.entries(from.headers).flatMap(([name, value]): [string, string][] =>
      own.includes(name) ? [] : [[name, String(value)]],
    );
    const answer = await fetch(this.#target, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...wish, Records: half }),
    });
    const { Records } = (await answer.json()) as { Records: object[] };
    const failed = wish.Records.slice(half.length).map(() => ({ ErrorCode: error, ErrorMessage: `for a test` }));
    to.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    to.end(JSON.stringify({ FailedRecordCount: failed.length, Records: [...Records, ...failed] }));
  }

  #faultFor(operation: string): AwsFault | undefined {
    for (const known of this.#faults) {
      const { fault } = known;
      if (fault.operation !== operation || known.left === 0) continue;
      if (known.seen++ % (fault.oneIn ?? 1) !== 0) continue;
      known.left--;
      return fault;
    }
    return undefined;
  }
}
