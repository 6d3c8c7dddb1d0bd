import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configFile } from '../config.js';
import { flights, type Flight } from '../flights.js';
import type { Proof } from '../proof.js';
import { Push } from '../push.js';
import { assertInDruid } from '../sums.js';
import { temporaryDirectory, temporaryFile } from '../temporary.js';

const sizes = { small: 20_000, full: 1_000_000 };
const hour = 3_600_000;

/** Of every hundred lines one is bad in each of these ways, which take turns among themselves. */
const bad: readonly { readonly reason: string; readonly ways: readonly ((event: Flight, now: number) => string)[] }[] =
  [
    {
      reason: 'unparseable',
      ways: [
        (event) => JSON.stringify({ ...event, time: 'yesterday' }),
        (event) => JSON.stringify({ ...event, time: null }),
        (event) => JSON.stringify({ ...event, time: '' }),
        (event) => JSON.stringify({ ...event, time: undefined }),
      ],
    },
    {
      reason: 'late',
      ways: [
        (event, now) => JSON.stringify({ ...event, time: new Date(now - 3 * hour).toISOString() }),
        (event) => JSON.stringify({ ...event, time: '1999-12-31T23:59:59Z' }),
        (event) => JSON.stringify({ ...event, time: 0 }),
      ],
    },
    {
      reason: 'early',
      ways: [
        (event, now) => JSON.stringify({ ...event, time: new Date(now + 3 * hour).toISOString() }),
        (event) => JSON.stringify({ ...event, time: '2999-01-01' }),
      ],
    },
    {
      reason: 'unparseable',
      ways: [
        (event) => JSON.stringify(event).slice(0, -1),
        (event) => JSON.stringify(event).replace(':', ''),
        (event) => `${JSON.stringify(event)} trailing`,
        (event) => JSON.stringify([event.origin, event.destination, event.distance]),
        (event) => JSON.stringify(`from ${event.origin} to ${event.destination}`),
        () => 'not JSON at all',
      ],
    },
  ];

interface BadLine {
  readonly reason: string;
  readonly line: string;
}

export const badInput: Proof = {
  name: 'bad-input',
  promise: 'Bad input is counted by reason and kept to the letter, and every good event is in Druid',
  cases: [
    {
      name: 'one line of a hundred in each of four ways',
      async run({ size, tell, dataSource }) {
        const name = dataSource('dirty');
        const now = Date.now();
        const { lines, good, refused } = spoilt(await flights(sizes[size], now - 60_000, now), now);
        const input = await temporaryFile('dirty.ndjson', lines);
        const letters = join(await temporaryDirectory(), 'dead-letters.ndjson');
        const config = await configFile(name, { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' });

        tell(`Pushing ${lines.length} lines, ${refused.length} of them bad`);
        const result = await new Push(['-configFile', config, '--dead-letter', letters, input]).result();
        const { read, sent, dropped, failed } = result.summary ?? {};
        assert.equal(result.code, 0, result.stderr);
        assert.deepEqual(
          { read, sent, dropped, failed },
          { read: lines.length, sent: good.length, dropped: countsOf(refused), failed: 0 },
        );
        assert.match(result.stderr, /dirty\.ndjson:\d+: unparseable: /);
        assert.match(result.stderr, /dirty\.ndjson:\d+: late: Its time is/);
        tell('Looking for each bad line among the dead letters');
        assert.deepEqual(await readLetters(letters), refused.map(letterOf).sort());
        await assertInDruid(name, good);
        return { lines: lines.length, sent: good.length, ...countsOf(refused), 'dead letters': refused.length };
      },
    },
  ],
};

/** Lines of events, some of which are spoilt. */
function spoilt(events: readonly Flight[], now: number): { lines: string[]; good: Flight[]; refused: BadLine[] } {
  const good: Flight[] = [];
  const refused: BadLine[] = [];
  const lines = events.map((event, index) => {
    const kind = bad[(index % 100) - 10];
    const way = kind?.ways[Math.floor(index / 100) % kind.ways.length];
    if (kind === undefined || way === undefined) {
      good.push(event);
      return `${JSON.stringify(event)}\n`;
    }
    const line = way(event, now);
    refused.push({ reason: kind.reason, line });
    return `${line}\n`;
  });
  return { lines, good, refused };
}

function countsOf(refused: readonly BadLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** What is kept of a line: the event that it is, or its text when it is none. */
function letterOf({ reason, line }: BadLine): string {
  return `${reason} ${JSON.stringify(isObject(line) ? JSON.parse(line) : line)}`;
}

async function readLetters(file: string): Promise<string[]> {
  const letters = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return letters
    .map((letter) => JSON.parse(letter) as { reason: string; event: unknown })
    .map(({ reason, event }) => `${reason} ${JSON.stringify(event)}`)
    .sort();
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
