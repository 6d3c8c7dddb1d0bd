import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  chooseDataSource,
  createSender,
  DeadLetters,
  decoderFor,
  loadConfig,
  messageOf,
  readEvents,
  readJsonEvents,
  type Decoded,
  type Decoder,
  type Logger,
  type RefusedInput,
  type Sender,
  type Undelivered,
} from '@tranquility-js/core';
import { exitCodes } from '../exit-codes.js';
import type { Command, Environment } from '../run.js';
import { Messages } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { findInputs, type Input } from './inputs.js';
import { pushHelp, readPushOptions, type PushOptions } from './options.js';
import { Pace } from './pace.js';
import {
  statusLine,
  sum,
  summaryText,
  UndeliveredReport,
  waitingLine,
  withBroken,
  type PushSummary,
} from './report.js';

const statusInterval = 250;
const drainTimeout = 30_000;
/** Druid publishes what it has read before the process that serves the rest may end. */
const publishTimeout = 120_000;
/** How many characters of broken input a message shows. */
const excerptLength = 100;

/** Errors after which no event of this run can be delivered: reading on would only make more of them. */
const hopeless = new Set([
  'TRQ_DRUID_UNSUPPORTED',
  'TRQ_EXTENSION_MISSING',
  'TRQ_JOURNAL_FAILED',
  'TRQ_OVERLORD_REFUSED',
  'TRQ_PUSH_REFUSED',
  'TRQ_SUPERVISOR_CONFLICT',
]);

/** `tranquility push`: events from files or standard input to Druid. */
export const push: Command = async (args, environment) => {
  const options = readPushOptions(args);
  if (options === 'help') {
    environment.terminal.out.write(pushHelp);
    return exitCodes.ok;
  }
  const inputs = await findInputs(options.files, environment.stdin);
  const run = new PushRun(options, environment);
  return run.run(inputs);
};

class PushRun {
  readonly #options: PushOptions;
  readonly #environment: Environment;
  readonly #messages: Messages;
  readonly #report: UndeliveredReport;
  /** Where each event that is under way was read. */
  readonly #places = new WeakMap<object, string>();
  /** Ends the reading: by the user, or because nothing can be delivered. */
  readonly #stop = new AbortController();
  /** Ends the wait for what was read. */
  readonly #giveUp = new AbortController();
  #deadLetters: DeadLetters | undefined;
  /** How the spec says that text is read, unless that is JSON as it comes. */
  #decoder: Decoder | undefined;
  readonly #pace: Pace;
  #broken = 0;
  /** Whether an input broke off, or dead letters are missing in their file. */
  #isIncomplete = false;
  #interrupted = false;
  /** Since when Druid is waited for, by `performance.now()`. */
  #publishingSince: number | undefined;
  #unread = 0;

  constructor(options: PushOptions, environment: Environment) {
    this.#options = options;
    this.#environment = environment;
    this.#pace = new Pace(options.rate);
    this.#messages = new Messages(environment.terminal);
    this.#report = new UndeliveredReport(this.#messages);
  }

  async run(inputs: readonly Input[]): Promise<number> {
    const { config, dataSource, properties } = this.#options;
    this.#decoder = await decoderOf(this.#options);
    const logger = this.#logger();
    const sender = await createSender({
      config,
      properties,
      ...(dataSource === undefined ? {} : { dataSource }),
      logger,
      onUndelivered: (event, outcome) => {
        this.#undelivered(event, outcome);
      },
    });
    const { deadLetter } = this.#options;
    if (deadLetter !== undefined) this.#deadLetters = await openDeadLetters(deadLetter, sender, logger);
    const stopListening = this.#environment.onInterrupt(() => {
      this.#interrupt();
    });
    const started = performance.now();
    const status = setInterval(() => {
      this.#showStatus(sender, started);
    }, statusInterval);
    try {
      await sender.connect({ signal: this.#stop.signal });
      this.#tellLane(sender);
      for (const input of inputs) if (!this.#stop.signal.aborted) await this.#read(input, sender);
      await this.#settle(sender);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      if (this.#stop.signal.aborted) leave(this.#environment.stdin);
      await this.#told(() => this.#close(sender));
      clearInterval(status);
      stopListening();
      await this.#told(() => this.#deadLetters?.[Symbol.asyncDispose]());
      this.#messages.status('');
    }
    return this.#finish(sender, started);
  }

  /** Reads one input. One that breaks off is told, and stops no other. */
  async #read(input: Input, sender: Sender): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const batch of this.#batches(input, signal)) {
        this.#refuse(input, batch.refused);
        for (const [index, event] of batch.events.entries()) {
          this.#places.set(event, `${input.name}:${batch.lines[index] ?? 0}`);
          if (!sender.write(event)) await sender.drained({ signal });
          const wait = this.#pace.next();
          if (wait > 0) await sleep(wait, undefined, { signal });
          if (signal.aborted) return;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#isIncomplete = true;
      this.#messages.line(`error: ${input.name} breaks off: ${messageOf(error)}`);
    }
  }

  #batches(input: Input, signal: AbortSignal): AsyncIterable<Decoded> {
    if (this.#decoder !== undefined) return readEvents(input.open(), this.#decoder, { signal });
    return readJsonEvents(input.open(), { format: this.#options.format, raw: true, signal });
  }

  #refuse(input: Input, refused: readonly RefusedInput[]): void {
    for (const { line, reason, input: text } of refused) {
      this.#broken++;
      const excerpt = text.slice(0, excerptLength);
      this.#report.input(`${input.name}:${line}`, `${reason} It begins: ${JSON.stringify(excerpt)}`);
      this.#deadLetters?.keep(text, 'unparseable', `${input.name}:${line}: ${reason}`);
    }
  }

  /** Waits for what was read, for as long as the sender tries. Being stopped sets a limit, which `close` holds. */
  async #settle(sender: Sender): Promise<void> {
    const { signal } = this.#stop;
    const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    await Promise.race([sender.flush(), stopped]);
  }

  /** What goes wrong at the end is told with the sums, and keeps neither them nor the end away. */
  async #told(work: () => PromiseLike<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#isIncomplete = true;
      this.#messages.line(`error: ${messageOf(error)}`);
    }
  }

  /** Where events go by a journal, this process serves them until they are published. */
  async #close(sender: Sender): Promise<void> {
    const { lane } = sender;
    const serves = lane !== undefined && (lane.lane !== 'realtime' || lane.append !== undefined);
    if (serves) this.#publishingSince = performance.now();
    const timeout = serves ? publishTimeout : drainTimeout;
    const { unread } = await sender.close({ timeout, signal: this.#giveUp.signal, until: 'published' });
    this.#unread = unread;
  }

  /** That Druid reads from this machine is to be known by whoever starts a reader there. */
  #tellLane({ dataSource, lane }: Sender): void {
    if (lane?.journal === undefined || this.#options.verbose) return;
    this.#messages.line(`${dataSource}: lane ${lane.lane}: ${lane.reason} Events are kept in ${lane.journal}.`);
  }

  #interrupt(): void {
    if (this.#interrupted) {
      this.#giveUp.abort();
      return;
    }
    this.#interrupted = true;
    this.#messages.line(
      this.#publishingSince === undefined
        ? 'Stopping: waiting for what was read. Press Ctrl-C again to give it up.'
        : 'Waiting for Druid to publish. Press Ctrl-C again to leave: what it has not read stays in the journal.',
    );
    this.#stop.abort();
  }

  #undelivered(event: unknown, outcome: Undelivered): void {
    const place = typeof event === 'object' && event !== null ? this.#places.get(event) : undefined;
    this.#report.event(place ?? 'input', outcome);
    this.#deadLetters?.add(event, outcome);
    if (outcome.status === 'failed' && hopeless.has(outcome.error.code)) this.#stop.abort();
  }

  #showStatus(sender: Sender, started: number): void {
    if (!this.#messages.isLive) return;
    if (this.#publishingSince !== undefined) {
      this.#messages.status(waitingLine(sender.dataSource, sender.counters, performance.now() - this.#publishingSince));
      return;
    }
    const { counters } = sender;
    const rate = counters.sent / ((performance.now() - started) / 1000);
    this.#messages.status(statusLine(sender.dataSource, counters, this.#broken, rate));
  }

  #finish(sender: Sender, started: number): number {
    const { received, sent, dropped, failed, lost } = sender.counters;
    const summary: PushSummary = {
      dataSource: sender.dataSource,
      read: received + this.#broken,
      sent,
      dropped: withBroken(dropped, this.#broken),
      failed,
      lost,
      unread: this.#unread,
      lane: sender.lane?.lane ?? null,
      journal: sender.lane?.journal ?? sender.lane?.relay?.journal ?? null,
      seconds: Math.round(performance.now() - started) / 1000,
      interrupted: this.#interrupted,
    };
    const { out } = this.#environment.terminal;
    out.write(this.#options.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
    return this.#exitCode(summary);
  }

  #exitCode({ sent, dropped, failed, lost, unread }: PushSummary): number {
    if (failed > 0 || lost > 0 || unread > 0 || this.#isIncomplete) return exitCodes.failed;
    if (this.#interrupted) return exitCodes.interrupted;
    const drops = sum(dropped);
    return drops > 0 && (sent === 0 || this.#options.failOnDrop) ? exitCodes.dropped : exitCodes.ok;
  }

  #logger(): Logger {
    const say =
      (level: string) =>
      (message: string): void => {
        this.#messages.line(`${level}: ${message}`);
      };
    const ignore = (): void => undefined;
    const told = this.#options.verbose ? say : () => ignore;
    return { error: say('error'), warn: say('warning'), info: told('info'), debug: told('debug'), trace: ignore };
  }
}

/** @throws UsageError for an option that says something else than the spec does. */
async function decoderOf({ config, dataSource, properties, format }: PushOptions): Promise<Decoder | undefined> {
  const { spec } = chooseDataSource(await loadConfig(config, { properties }), dataSource);
  const { inputFormat } = spec;
  if (inputFormat.type === 'json' && inputFormat.flattenSpec === undefined) return undefined;
  if (format !== 'auto') {
    throw new UsageError(
      `--format ${format}: the spec says how text is read (${inputFormat.type}). Leave the option out.`,
    );
  }
  return decoderFor(spec);
}

async function openDeadLetters(file: string, sender: Sender, logger: Logger): Promise<DeadLetters> {
  try {
    return await DeadLetters.open(file, {
      ...{ dataSource: sender.dataSource, setting: '--dead-letter', logger },
      lane: () => sender.lane?.lane,
    });
  } catch (error) {
    await sender.close();
    throw new UsageError(`Cannot write --dead-letter ${file}: ${messageOf(error)}`);
  }
}

/** Ends an input that nobody reads on, which would keep the process alive as long as it is open. */
function leave(input: Readable): void {
  input.on('error', () => undefined);
  input.destroy();
}
