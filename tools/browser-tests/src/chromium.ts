import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Nothing that asks the network by itself. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a Chromium: that of CHROMIUM_PATH, one that is installed, or, for root on Debian, one that is installed now.
 * @throws Error with what to do where there is none.
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? installed() ?? install();
  return chromium.launch({ executablePath, args });
}

const installed = (): string | undefined => usual.find((path) => existsSync(path));

function install(): string {
  const hint = 'Install one (apt-get install chromium), or give its path in CHROMIUM_PATH.';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`There is no Chromium here. ${hint}`);
  try {
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { stdio: 'ignore' });
  } catch (error) {
    throw new Error(`There is no Chromium here, and apt-get did not install it. ${hint}`, { cause: error });
  }
  const path = installed();
  if (path === undefined) throw new Error(`apt-get has installed a Chromium, but not where it usually lies. ${hint}`);
  return path;
}
