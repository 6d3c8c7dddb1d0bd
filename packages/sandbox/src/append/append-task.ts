import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parseRow, UnparseableRow, type ParsedRow } from '../ingest/row-parser.js';
import { isJsonObject, type JsonObject } from '../json.js';
import type { Work, WorkContext } from '../overlord/work.js';
import type { Segment } from '../store/segment.js';
import type { AppendSpec } from './append-spec.js';

const unzip = promisify(gunzip);

/** How long to wait, by the machine's clock, before a lock that others hold is asked for again. */
const lockPause = 20;

/** An `index_parallel` task that appends: reads all its rows, then publishes all its segments, or none. */
export class AppendTask implements Work {
  readonly #spec: AppendSpec;
  readonly #context: WorkContext;
  readonly #stopping = new AbortController();
  #counts = { processed: 0, processedBytes: 0, processedWithError: 0, thrownAway: 0, unparseable: 0 };
  report: JsonObject | undefined;

  constructor(spec: AppendSpec, context: WorkContext) {
    this.#spec = spec;
    this.#context = context;
  }

  /** Goes on behind: an answer about the task does not wait for it. */
  start(): Promise<void> {
    void this.#run().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#report('BUILD_SEGMENTS', message);
      this.#context.fail(message);
    });
    return Promise.resolve();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const rows = this.#parse(await this.#read());
    const segments = await this.#fill(rows);
    if (this.#stopping.signal.aborted) return;
    this.#report('COMPLETED', null);
    await this.#context.store.publish(segments, undefined, this.#spec.compactionState);
    this.#context.succeed();
  }

  async #read(): Promise<string> {
    const { source } = this.#spec;
    if (source.type === 'inline') return source.data;
    const parts: string[] = [];
    for (const uri of source.uris) {
      const response = await fetch(uri, { headers: source.headers, signal: this.#stopping.signal });
      if (!response.ok) throw new Error(`Server returned HTTP response code: ${response.status} for URL: ${uri}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      parts.push((uri.endsWith('.gz') ? await unzip(bytes) : bytes).toString());
    }
    return parts.join('\n');
  }

  #parse(text: string): ParsedRow[] {
    const rows: ParsedRow[] = [];
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const row = this.#parseLine(line);
      if (row === undefined) {
        if (++this.#counts.unparseable > this.#spec.maxParseExceptions) {
          throw new Error('Max parse exceptions exceeded, terminating task...');
        }
      } else if (this.#isWanted(row)) {
        this.#counts.processed++;
        this.#counts.processedBytes += Buffer.byteLength(line);
        rows.push(row);
      } else {
        this.#counts.thrownAway++;
      }
    }
    return rows;
  }

  #parseLine(line: string): ParsedRow | undefined {
    try {
      const event: unknown = JSON.parse(line);
      return isJsonObject(event) ? parseRow(this.#spec.schema, event) : undefined;
    } catch (error) {
      if (error instanceof UnparseableRow || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #isWanted({ timestamp }: ParsedRow): boolean {
    const { intervals } = this.#spec;
    return intervals.length === 0 || intervals.some(({ start, end }) => timestamp >= start && timestamp < end);
  }

  async #fill(rows: readonly ParsedRow[]): Promise<Segment[]> {
    const { segmentGranularity } = this.#spec.schema;
    const segments = new Map<number, Segment>();
    for (const row of rows) {
      const start = segmentGranularity.bucketStart(row.timestamp);
      const segment = segments.get(start) ?? (await this.#allocate(start));
      if (segment === undefined) break;
      segments.set(start, segment);
      segment.add(row);
    }
    return [...segments.values()];
  }

  /** The next partition of the bucket, once no other task writes there. */
  async #allocate(start: number): Promise<Segment | undefined> {
    const { store, locks, taskId, groupId } = this.#context;
    const { schema, maxRowsInMemory, sharesLocks } = this.#spec;
    const { dataSource } = schema;
    const end = schema.segmentGranularity.bucketEnd(start);
    const group = sharesLocks ? 'those who append' : groupId;
    for (;;) {
      if (this.#stopping.signal.aborted) return undefined;
      const lock = locks.take(dataSource, { start, end }, group, taskId);
      if (lock !== undefined) {
        const { version, partition } = store.appendTo(dataSource, start, end) ?? { version: lock, partition: 0 };
        return store.begin(taskId, { dataSource, start, end, version, partition }, schema, maxRowsInMemory, false);
      }
      await sleep(lockPause);
    }
  }

  #report(ingestionState: string, errorMsg: string | null): void {
    const { taskId } = this.#context;
    const none = { processed: 0, processedBytes: 0, processedWithError: 0, thrownAway: 0, unparseable: 0 };
    this.report = {
      ingestionStatsAndErrors: {
        taskId,
        payload: {
          ingestionState,
          unparseableEvents: {},
          rowStats: { determinePartitions: none, buildSegments: this.#counts },
          errorMsg,
          segmentAvailabilityConfirmed: false,
          segmentAvailabilityWaitTimeMs: 0,
        },
        type: 'ingestionStatsAndErrors',
      },
    };
  }
}
