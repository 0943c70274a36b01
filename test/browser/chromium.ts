import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** It reaches for nothing beyond the pages that a test opens. */
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the Chromium that `CHROMIUM_PATH` names, or else an installed one.
 * @throws Error that says what to do when there is none
 */
export async function launchChromium(environment = process.env): Promise<Browser> {
  const named = environment['CHROMIUM_PATH'];
  const executablePath = named ?? usual.find((path) => existsSync(path));
  if (executablePath === undefined || !existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium ${named === undefined ? 'in the usual places' : `at ${named}`}. ` +
        'Install one (Debian: apt-get install chromium) or name it in CHROMIUM_PATH.',
    );
  }
  return chromium.launch({ executablePath, args });
}
