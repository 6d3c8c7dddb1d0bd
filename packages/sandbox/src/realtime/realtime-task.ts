import { failure, type Answer } from '../http/answer.js';
import type { SandboxRequest } from '../http/request.js';
import { Dedup, DedupFault } from '../ingest/dedup.js';
import type { ParsedRow } from '../ingest/row-parser.js';
import type { ChatHandler, Peon } from '../overlord/peon.js';
import type { Work, WorkContext } from '../overlord/work.js';
import type { Segment } from '../store/segment.js';
import { EventReceiver } from './event-receiver.js';
import type { RealtimeSpec } from './realtime-spec.js';

/** One bucket of time that the task fills. */
interface Sink {
  readonly segment: Segment;
  readonly dedup: Dedup;
}

/** An `index_realtime` task: takes pushes until its time is up, publishes its segments, and waits until they are served. */
export class RealtimeTask implements Work, ChatHandler {
  readonly #spec: RealtimeSpec;
  readonly #context: WorkContext;
  readonly #receiver: EventReceiver;
  readonly #sinks = new Map<number, Sink>();
  #peon: Peon | undefined;
  #hasEnded = false;
  #isClosing = false;
  #cancelShutoff = (): void => undefined;
  #cancelIdle = (): void => undefined;

  constructor(spec: RealtimeSpec, context: WorkContext) {
    this.#spec = spec;
    this.#context = context;
    this.#receiver = new EventReceiver({
      schema: spec.schema,
      bufferSize: spec.bufferSize,
      take: (row) => {
        this.#take(row);
      },
      touched: () => {
        this.#watchIdle();
      },
    });
  }

  get serviceName(): string {
    return this.#spec.serviceName;
  }

  start(peon: Peon): Promise<void> {
    const { agenda, timings } = this.#context;
    this.#peon = peon;
    agenda.at(agenda.now() + timings.receiverStartMillis, () => {
      if (this.#hasEnded) return;
      peon.register(this.#spec.serviceName, this);
      this.#context.announce(this.#spec.serviceName, true);
      this.#watchIdle();
      if (this.#spec.shutoff !== undefined) this.#closeAt(this.#spec.shutoff);
    });
    return Promise.resolve();
  }

  stop(): void {
    this.#hasEnded = true;
    this.#cancelShutoff();
    this.#cancelIdle();
    if (!this.#isClosing) this.#unregister();
    void this.#receiver.close();
  }

  pause(): void {
    this.#receiver.pause();
  }

  resume(): void {
    this.#receiver.resume();
  }

  push(request: SandboxRequest): Promise<Answer> {
    return this.#receiver.push(request);
  }

  /** Ends the taking of events now, or at a time; a later call changes the time. */
  shutdown(request: SandboxRequest): Answer {
    const text = request.query.get('shutoffTime');
    const time = text === null ? this.#context.agenda.now() : Date.parse(text);
    if (Number.isNaN(time)) return failure(400, `Invalid format: "${String(text)}"`);
    this.#closeAt(time);
    return { status: 200 };
  }

  #take(row: ParsedRow): void {
    const { interval, accepts } = this.#spec;
    const { timestamp } = row;
    if (this.#hasEnded) return;
    if (interval !== undefined && (timestamp < interval.start || timestamp >= interval.end)) return;
    if (!accepts(timestamp, this.#context.agenda.now())) return;
    try {
      const sink = this.#sinkOf(timestamp);
      if (sink === undefined || sink.dedup.isRepeated(row.event)) return;
      sink.segment.add(row);
      this.#context.store.relieve(sink.segment);
    } catch (error) {
      if (!(error instanceof DedupFault)) throw error;
      this.#failSoon(error.message);
    }
  }

  /** @returns undefined when tasks of another kind write to that time: the row is lost, and with it the task. */
  #sinkOf(timestamp: number): Sink | undefined {
    const { schema, partition, maxRowsInMemory, dedupColumn } = this.#spec;
    const { store, locks, taskId, groupId } = this.#context;
    const start = schema.segmentGranularity.bucketStart(timestamp);
    const known = this.#sinks.get(start);
    if (known !== undefined) return known;
    const end = schema.segmentGranularity.bucketEnd(start);
    const version = locks.take(schema.dataSource, { start, end }, groupId, taskId);
    if (version === undefined) {
      this.#failSoon(`The interval of the segment is locked by tasks of another group than ${groupId}.`);
      return undefined;
    }
    const id = { dataSource: schema.dataSource, start, end, version, partition };
    const sink = { segment: store.begin(taskId, id, schema, maxRowsInMemory), dedup: new Dedup(dedupColumn) };
    this.#sinks.set(start, sink);
    return sink;
  }

  /** After the push that brought the row is answered: in Druid the task reads its buffer behind that. */
  #failSoon(message: string): void {
    this.#hasEnded = true;
    const soon = new Promise((resolve) => setImmediate(resolve));
    this.#context.track(
      soon.then(() => {
        this.#context.fail(message);
      }),
    );
  }

  #watchIdle(): void {
    const { maxIdleMillis } = this.#spec;
    if (maxIdleMillis === undefined || this.#hasEnded) return;
    this.#cancelIdle();
    this.#cancelIdle = this.#closeAfter(this.#context.agenda.now() + maxIdleMillis);
  }

  #closeAt(time: number): void {
    this.#cancelShutoff();
    this.#cancelShutoff = this.#closeAfter(time);
  }

  #closeAfter(time: number): () => void {
    return this.#context.agenda.at(time, () => {
      if (!this.#hasEnded && !this.#isClosing) this.#finish();
    });
  }

  #unregister(): void {
    this.#peon?.unregister(this.#spec.serviceName);
    this.#context.announce(this.#spec.serviceName, false);
  }

  #finish(): void {
    this.#isClosing = true;
    this.#unregister();
    const drained = this.#receiver.close();
    if (drained === undefined) this.#publish();
    else void drained.then(() => this.#publish());
  }

  #publish(): void {
    const { agenda, store, timings } = this.#context;
    if (this.#hasEnded) return;
    const publishing = store.publish([...this.#sinks.values()].map(({ segment }) => segment));
    this.#context.track(
      publishing.then(() => {
        agenda.at(agenda.now() + timings.handoffMillis, () => {
          if (!this.#hasEnded) this.#context.succeed();
        });
      }),
    );
  }
}
