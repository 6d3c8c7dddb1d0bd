/** Draws the pictures of the console that the documents show: `npm run screenshots`. */
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.js';
import { event, mistakes, stage, traffic } from './stage.js';

const seconds = Number(process.argv[2] ?? 150);
const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

await using scene = await stage();
const over = new AbortController();
const sending = traffic(scene, over.signal);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, colorScheme: 'light' });
  await page.goto(`${scene.url}/`);
  await page.waitForTimeout(seconds * 400);
  await mistakes(scene);
  await page.waitForTimeout(seconds * 600);
  const lines = [event(1), event(2), event(3)].map((one) => JSON.stringify(one));
  await page.locator('select[name=type]').selectOption('application/x-ndjson');
  await page.locator('#events').fill([lines[0], lines[1]?.replace('"origin":', '"origin"'), lines[2]].join('\n'));
  await page.getByRole('button', { name: 'Post' }).click();
  await page.locator('.outcome').waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Until the numbers are those of a page that nothing holds up.
    await page.waitForTimeout(4000);
    await page.screenshot({ path: `${images}console-${colorScheme}.png`, fullPage: true });
  }
} finally {
  await browser.close();
  over.abort();
  await sending;
}
