import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PasswordHash } from '@tranquility-js/server';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../src/chromium.js';
import { event, mistakes, stage, traffic } from '../src/stage.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

/** A page, and all that it complains of: broken scripts, refused requests, and what its policy forbids, which Chromium calls an error. */
async function open(url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const response = await page.goto(url);
  return { page, complaints, response, [Symbol.asyncDispose]: () => context.close() };
}

const numberIn = async (page: Page, dataSource: string, name: string): Promise<number> => {
  const text = await page.locator(articleOf(dataSource)).locator(`[data-count="${name}"]`).textContent();
  return Number((text ?? '').replaceAll(',', ''));
};

const articleOf = (dataSource: string): string => `article:has(h2:text-is("${dataSource}"))`;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds, a line each. */
async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
  );
}

describe('the console', () => {
  it('shows live numbers, tasks and the window, and breaks no rule of its policy', async () => {
    await using scene = await stage();
    await using it = await open(`${scene.url}/`);
    const { page, complaints, response } = it;
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
    const over = new AbortController();
    const sending = traffic(scene, over.signal);
    try {
      await expect.poll(() => numberIn(page, 'flights', 'sent'), { timeout: 60_000 }).toBeGreaterThan(0);
      const before = await numberIn(page, 'flights', 'sent');
      await expect.poll(() => numberIn(page, 'flights', 'sent'), { timeout: 60_000 }).toBeGreaterThan(before);
      const flights = page.locator(articleOf('flights'));
      await expect
        .poll(async () => Number(await flights.locator('[data-reading="sent"]').textContent()), { timeout: 60_000 })
        .toBeGreaterThan(0);
      await expect.poll(() => flights.locator('[data-reading="p99"]').textContent()).toMatch(/ m?s$/);
      await expect.poll(() => flights.locator('path.line.sent').count()).toBeGreaterThanOrEqual(2);
      // Two partitions, two replicas.
      await expect.poll(() => flights.locator('g.cell.running').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
      expect(await flights.locator('text.row').allTextContents()).toEqual(['0 · r0', '0 · r1', '1 · r0', '1 · r1']);
      expect(await flights.locator('.buckets svg').getAttribute('aria-label')).toMatch(
        /^Window from .* UTC\. \d+ tasks in \d segments?: .*\d taking events/,
      );
      expect(await page.locator('#readiness').textContent()).toBe('Ready');
      expect(complaints).toEqual([]);
    } finally {
      over.abort();
      await sending;
    }
  });

  it('shows a drop with its reason and the event, and events that have no dataSource', async () => {
    await using scene = await stage();
    await using it = await open(`${scene.url}/`);
    const drops = it.page.locator(`${articleOf('flights')} .drops`);
    await expect.poll(() => drops.textContent()).toContain('None so far');
    await mistakes(scene);
    await expect.poll(() => drops.locator('summary').allTextContents(), { timeout: 30_000 }).toHaveLength(3);
    expect(await drops.locator('[data-reason="late"] .number').textContent()).toBe('3');
    expect(await drops.locator('[data-reason="early"] .number').textContent()).toBe('1');
    await drops.locator('[data-reason="unparseable"] summary').click();
    expect(await drops.locator('[data-reason="unparseable"] .samples').textContent()).toMatch(/yesterday/);
    expect(await numberIn(it.page, 'flights', 'not sent')).toBe(6);
    expect(await it.page.locator('#unrouted').textContent()).toContain("No definition for dataSource 'fligths'");
    expect(it.complaints).toEqual([]);
  });

  it('posts an event, tells what became of it, and shows the place of a mistake', async () => {
    await using scene = await stage();
    await using it = await open(`${scene.url}/`);
    const { page } = it;
    await expect.poll(() => page.locator('#events').inputValue()).toContain('"time"');
    await page.locator('select[name=dataSource]').selectOption('clicks');
    await page.locator('#events').focus();
    await page.keyboard.press('Control+Enter');
    await page.locator('.outcome').waitFor();
    expect(await page.locator('.outcome').textContent()).toMatch(/^200 Druid has it\./);
    const broken = [event(1), event(2), event(3)].map((one) => JSON.stringify(one)).join('\nö');
    await page.locator('select[name=type]').selectOption('application/x-ndjson');
    await page.locator('#events').fill(broken);
    await page.getByRole('button', { name: 'Post' }).click();
    await expect
      .poll(() => page.locator('.outcome').textContent())
      .toMatch(/^400 Malformed JSON\. Of 3 events Druid has 1/);
    const [first] = await page.locator('.mistakes li').allTextContents();
    expect(first).toMatch(/^unparseable event 2, line 2, byte \d+ /);
    await page.locator('.mistakes button').nth(1).click();
    const selected = await page
      .locator('#events')
      .evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd));
    expect(broken.split('\n')[2]).toBe(selected);
    // The browser itself notes an answer of 400.
    expect(it.complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });

  it('shows how Druid reads, where it pulls', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'console-'));
    try {
      const properties = { 'journal.directory': directory, 'pull.endpoint.port': 0, 'pull.supervisorPeriod': 'PT1S' };
      await using scene = await stage({ ...properties, 'http.stopTimeout': 'PT1S' }, '33.0.0');
      await using it = await open(`${scene.url}/`);
      const flights = it.page.locator(articleOf('flights'));
      expect(await scene.post('flights', [event(1), event(2), event(3)])).toBe(200);
      await expect.poll(() => flights.locator('.lane').textContent(), { timeout: 30_000 }).toBe('pull lane');
      const reading = flights.locator('.buckets:visible');
      await expect.poll(() => reading.textContent(), { timeout: 60_000 }).toMatch(/SupervisorRUNNING/);
      await expect
        .poll(() => reading.locator('tr:has(td:first-child:text-is("0")) td').allTextContents(), { timeout: 60_000 })
        .toEqual(['0', expect.stringMatching(/^\d+$/), '0']);
      expect(await reading.textContent()).toContain(directory);
      expect(await numberIn(it.page, 'flights', 'sent')).toBe(3);
      expect(it.complaints).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('says that Druid is away, in plain words', async () => {
    await using scene = await stage({ 'druid.overlord.urls': 'http://127.0.0.1:1' });
    await using it = await open(`${scene.url}/`);
    await expect.poll(() => it.page.locator('#readiness').textContent(), { timeout: 30_000 }).toBe('Not ready');
    expect(await it.page.locator('#problems').textContent()).toMatch(/Druid.*No overlord answered/);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no fault that axe-core knows, in ${colorScheme}`, async () => {
      await using scene = await stage();
      // Axe is put into the page from outside, which the page's policy would forbid.
      await using it = await open(`${scene.url}/`, { colorScheme, bypassCSP: true });
      const { page } = it;
      await scene.post('flights', [event(1), event(2), event(3)]);
      await mistakes(scene);
      await page
        .locator(`${articleOf('flights')} g.cell.running`)
        .first()
        .waitFor();
      await page.locator('[data-reason="late"] summary').click();
      await page.locator(`${articleOf('flights')} .buckets summary`).click();
      await page.locator('#events').fill('[{"a": }]');
      await page.getByRole('button', { name: 'Post' }).click();
      await page.locator('.mistakes').waitFor();
      expect(await faults(page)).toEqual([]);
    });
  }

  it('is reached by the keyboard alone, and its colours are remembered', async () => {
    await using scene = await stage();
    await using it = await open(`${scene.url}/`, { colorScheme: 'light' });
    const { page } = it;
    await scene.post('flights', [event(1)]);
    await mistakes(scene);
    await page.locator('[data-reason="late"] summary').waitFor();
    await page
      .locator(`${articleOf('flights')} g.cell`)
      .first()
      .waitFor();
    const wanted = await page
      .locator('a, button, select, textarea, summary, input[type=checkbox], input[type=radio]:checked')
      .evaluateAll((all) => {
        const seen = all.filter((one) => one.checkVisibility());
        for (const [at, one] of seen.entries()) (one as HTMLElement).dataset['at'] = String(at);
        return seen.length;
      });
    const reached = new Set<string>();
    for (let n = 0; n < wanted * 3 && reached.size < wanted; n++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['at']);
      if (at !== undefined) reached.add(at);
    }
    expect(wanted).toBeGreaterThan(10);
    expect(reached.size).toBe(wanted);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.locator('input[value=auto]').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    await page.reload();
    expect(await ground()).toBe(dark);
    expect(await page.locator('input[value=dark]').isChecked()).toBe(true);
    expect(it.complaints).toEqual([]);
  });

  it('is shown only to clients that are known, and numbers only to those that may watch', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'console-'));
    try {
      const path = join(directory, 'clients.json');
      const hash = String(await PasswordHash.of('sesame'));
      const clients = [
        { name: 'web', hash, dataSources: ['clicks'] },
        { name: 'root', hash, monitor: true },
      ];
      await writeFile(path, JSON.stringify({ clients }));
      await using scene = await stage({ 'http.auth.path': path });
      expect((await fetch(`${scene.url}/`, { headers: { accept: 'text/html' } })).status).toBe(401);
      expect((await fetch(`${scene.url}/console/main.js`)).status).toBe(401);
      const as = (username: string) => open(`${scene.url}/`, { httpCredentials: { username, password: 'sesame' } });
      await using web = await as('web');
      await expect.poll(() => web.page.locator('#readiness').textContent()).toBe('You may post, but not watch');
      expect(await web.page.locator('#problems').textContent()).toContain('"monitor" is not true');
      expect(await web.page.locator('article').count()).toBe(0);
      await using root = await as('root');
      await expect.poll(() => root.page.locator('article').count()).toBe(2);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
