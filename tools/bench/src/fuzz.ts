import { Endpoint } from '@tranquility-js/core/internal';
import { MemoryLog, RawReader, requests, sendHostile, type HostileTally } from '@tranquility-js/scripted-druid';
import { comparison, type Comparison } from './measure.js';

const connections = 8;
const topic = 'flights';
const megabyte = 1_048_576;

/**
 * Sends hostile frames to the endpoint from which Druid reads, over many connections that it closes again and again, while an honest
 * reader goes on to read.
 * @throws Error when the honest reader does not get what it asks for, or a connection is left.
 */
export async function benchFuzz(frames: number, seed: number, tell: (line: string) => void): Promise<Comparison[]> {
  const log = new MemoryLog();
  const topics = new Map([[topic, [{ leader: 0, log }]]]);
  const limits = { fetchWait: 1, transfer: 2_000, handshake: 2_000 };
  const endpoint = await Endpoint.start({ topics, limits });
  const tally = { answered: 0, refused: 0, unfinished: 0, read: 0 };
  const say = (resident: number): void => {
    const { answered, refused, unfinished } = tally;
    const frames = `${answered} frames answered, ${refused} refused, ${unfinished} never ended`;
    tell(`${frames}; ${endpoint.connections.accepted} connections; ${resident.toFixed(0)} MiB resident`);
  };
  try {
    await send(endpoint, frames / 10, seed, tally);
    const early = process.memoryUsage().rss / megabyte;
    say(early);
    let most = early;
    for (let part = 1; part < 10; part++) {
      const sending = send(endpoint, frames / 10, seed + part * connections, tally);
      await readHonestly(endpoint, log, sending, tally);
      const resident = process.memoryUsage().rss / megabyte;
      most = Math.max(most, resident);
      say(resident);
    }
    await settle(endpoint);
    tell(`The honest reader read ${tally.read} records meanwhile.`);
    const metric = `MiB resident at most within ${frames} hostile frames, against after a tenth of them`;
    return [comparison('fuzz', 'fuzz', metric, most, early)];
  } finally {
    await endpoint.close();
  }
}

async function send(endpoint: Endpoint, frames: number, seed: number, tally: HostileTally): Promise<void> {
  const readers = Array.from({ length: connections }, (_, index) =>
    sendHostile(endpoint.port, Math.ceil(frames / connections), seed + index, topic, tally),
  );
  await Promise.all(readers);
}

/** Appends and reads, one record after the other, until the hostile ones are through. */
async function readHonestly(
  endpoint: Endpoint,
  log: MemoryLog,
  hostile: Promise<void>,
  tally: { read: number },
): Promise<void> {
  const state = { over: false };
  const ended = hostile.finally(() => {
    state.over = true;
  });
  await using reader = new RawReader(endpoint.port);
  while (!state.over) {
    const value = `record ${tally.read}`;
    log.append([value]);
    log.trim(log.endOffset - 1);
    const asked = { [topic]: [{ index: 0, at: log.endOffset - 1 }] };
    const answer = await reader.ask(requests.fetch(12, asked, { maxWait: 10_000 }));
    if (answer?.includes(value) !== true) throw new Error(`The honest reader did not get ${JSON.stringify(value)}.`);
    tally.read++;
  }
  await ended;
}

/** Waits until all connections that ended are gone. */
async function settle(endpoint: Endpoint): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (endpoint.connections.open > 0) {
    if (Date.now() > deadline) throw new Error(`${endpoint.connections.open} connections are left.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
