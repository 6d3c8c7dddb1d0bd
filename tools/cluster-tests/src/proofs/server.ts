import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@tranquility-js/ports';
import { pulledByIndexer } from '../cluster-options.js';
import { peons, service } from '../cluster.js';
import { until } from '../druid.js';
import { numberedConfigFile } from '../numbered.js';
import { Posts } from '../posts.js';
import type { Case, Figures, Proof, Size } from '../proof.js';
import { ServerProcess } from '../server-process.js';
import { temporaryDirectory } from '../temporary.js';

/** POSTs of 50 events a second, how many times the server ends, how long each life lasts and Druid is away, in seconds. */
const sizes = {
  small: { perSecond: 40, lives: 1, seconds: 3, away: 8 },
  full: { perSecond: 200, lives: 4, seconds: 10, away: 120 },
};
const clients = 8;
/** With small groups, so that little is under way when the server is killed. */
const journaled = {
  'realtime.journal': 'true',
  'tranquility.maxBatchBytes': '65536',
  'tranquility.maxPendingBatches': '5',
};
/** Events in so many groups of so many bytes, each of 160 bytes or more. */
const mostUnderWay = 5 * Math.ceil(65_536 / 160);
/** How long Druid may take to show what was answered 200, in milliseconds. */
const patience = 120_000;

export const server: Proof = {
  name: 'server',
  promise: 'What the HTTP server has answered 200 is in Druid, be it ended or killed; Druid away is a 503, and passes',
  cases: [
    {
      name: 'kill -TERM under load, on the lane realtime',
      run: async ({ size, tell, dataSource }) =>
        during({ name: dataSource('served'), size, tell }, async (it) => {
          await it.endAndStart('stop');
        }),
    },
    {
      name: 'Druid away under load, on the lane realtime',
      run: async ({ size, tell, dataSource }) => {
        const name = dataSource('served_again');
        return during({ name, size, tell, properties: { 'http.answerTimeout': 'PT2S' } }, (it) => it.withoutDruid());
      },
    },
    {
      name: 'kill -9 under load with async=true, on the lane realtime with a journal',
      run: async ({ size, tell, dataSource }) => {
        const properties = { ...journaled, 'journal.directory': await temporaryDirectory() };
        const figures = await during({ name: dataSource('served_by_journal'), size, tell, properties }, async (it) => {
          it.posts.ask('async=true');
          await it.takesMore();
          await it.endAndStart('kill');
        });
        const most = sizes[size].lives * mostUnderWay;
        assert.ok(Number(figures['twice']) <= most, `${figures['twice']} twice, and ${most} were under way at most`);
        return { ...figures, 'under way at the kills, at most': most };
      },
    },
    pulled('kill -TERM and kill -9 under load, on the lane pull', async (it) => {
      await it.endAndStart('stop');
      it.posts.ask('async=true');
      await it.endAndStart('kill');
    }),
  ],
};

function pulled(what: string, act: (it: Served) => Promise<void>): Case {
  return {
    name: what,
    cluster: pulledByIndexer,
    async run({ size, tell, dataSource }) {
      const port = await freePort();
      const properties = {
        'journal.directory': await temporaryDirectory(),
        'pull.endpoint.port': String(port),
        'pull.supervisorPeriod': 'PT2S',
      };
      return during({ name: dataSource('served_by_pull'), size, tell, properties }, act);
    },
  };
}

interface Wish {
  readonly name: string;
  readonly size: Size;
  readonly tell: (line: string) => void;
  readonly properties?: Readonly<Record<string, string>>;
}

/** Runs a server, posts to it while something happens, and then looks into Druid. */
async function during(wish: Wish, act: (it: Served) => Promise<void>): Promise<Figures> {
  await using it = await Served.start(wish);
  await it.takesMore();
  await act(it);
  await it.takesMore();
  return await it.result();
}

/** A server under load. */
class Served implements AsyncDisposable {
  readonly posts: Posts;
  readonly #wish: Wish;
  readonly #config: string;
  readonly #url: string;
  #process: ServerProcess;
  readonly #figures: Record<string, number> = {};

  private constructor(wish: Wish, config: string, url: string, process: ServerProcess) {
    this.#wish = wish;
    this.#config = config;
    this.#url = url;
    this.#process = process;
    const { perSecond } = sizes[wish.size];
    this.posts = new Posts({ url: `${url}/v1/post/${wish.name}`, clients, perSecond });
  }

  static async start(wish: Wish): Promise<Served> {
    const port = await freePort();
    const config = await numberedConfigFile(wish.name, { 'http.port': String(port), ...wish.properties });
    const url = `http://127.0.0.1:${port}`;
    const process = new ServerProcess(config, url);
    await process.listening();
    return new Served(wish, config, url, process);
  }

  /** Waits until POSTs are answered 200, that begin now. */
  async takesMore(): Promise<void> {
    const { taken } = this.posts;
    const more = clients * 100;
    const now = await until(
      () => Promise.resolve(this.posts.taken),
      (count) => count > taken + more,
      patience,
    );
    assert.ok(now > taken + more, `events that are taken: ${this.#process.log}`);
  }

  /** Ends the server while it is posted to, and starts another, as many times as the size says. */
  async endAndStart(how: 'stop' | 'kill'): Promise<void> {
    const { lives, seconds } = sizes[this.#wish.size];
    for (let life = 0; life < lives; life++) {
      await sleep(seconds * 1_000);
      this.#wish.tell(`${how === 'kill' ? 'kill -9' : 'kill -TERM'} of the server`);
      const code = await this.#process[how]();
      if (how === 'stop') assert.equal(code, 0, this.#process.log);
      this.#process = new ServerProcess(this.#config, this.#url);
      await this.#process.listening();
      await this.takesMore();
    }
  }

  /** Ends the overlord, and stops the tasks in their tracks, while it is posted to. */
  async withoutDruid(): Promise<void> {
    const { away } = sizes[this.#wish.size];
    const before = await this.#process.memory();
    const tasks = (await peons()).filter(({ taskId }) => taskId.includes(`_${this.#wish.name}_`));
    this.#wish.tell(`Druid is away for ${away} s`);
    await service('coordinator', 'stop');
    for (const { pid } of tasks) process.kill(pid, 'SIGSTOP');
    let most = before;
    try {
      for (let second = 0; second < away; second++) {
        await sleep(1_000);
        most = Math.max(most, await this.#process.memory());
      }
    } finally {
      for (const { pid } of tasks) process.kill(pid, 'SIGCONT');
      await service('coordinator', 'start');
    }
    assert.ok(this.posts.answered('503') > 0, 'POSTs that were answered 503');
    assert.ok(most - before < 200_000_000, `${most - before} bytes more memory`);
    const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
    this.#figures['memory before (MB)'] = megabytes(before);
    this.#figures['memory while Druid was away, at most (MB)'] = megabytes(most);
  }

  async result(): Promise<Figures> {
    const { posts } = this;
    await posts.end();
    assert.equal(await this.#process.stop(), 0, this.#process.log);
    assert.deepEqual(posts.faults.slice(0, 5), []);
    const { missing, twice } = await posts.lookFor(this.#wish.name, patience);
    assert.equal(missing, 0, `of ${posts.taken} events that were answered 200`);
    return {
      'events answered 200': posts.taken,
      missing,
      twice,
      'POSTs answered 503': posts.answered('503'),
      'POSTs without an answer': posts.answered('broken'),
      ...this.#figures,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.posts.end();
    await this.#process.kill();
  }
}
