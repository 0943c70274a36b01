import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { localSigningSecret, localToken } from '../support/local-app.ts';
import { startWorkspace, type RunningWorkspace } from '../../localstack/slack/workspace.ts';
import { createClock } from '../../src/clock.ts';
import { until } from '../support/until.ts';
import { launchChromium } from './chromium.ts';
import { channel, setStage, type Stage } from './stage.ts';

/** One browser for a file; a workspace, an app and pages for each test of it. */

let browser: Browser;
let dir: string;
export let workspace: RunningWorkspace;
export let stage: Stage;

before(async () => {
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
});
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ronda-page-'));
  workspace = await startWorkspace({
    token: localToken,
    signingSecret: localSigningSecret,
    port: 0,
    dir,
    clock: createClock(),
  });
  stage = await setStage(workspace);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await stage.stop();
  await workspace.stop();
  rmSync(dir, { recursive: true });
  assert.deepEqual(stage.complaints, [], 'no page complained of a script, a style or the policy');
});

/** Registers a test: the runner runs it, there is nothing to wait for here. */
export function check(name: string, run: () => Promise<void>): void {
  void test(name, run);
}

/** The workspace again, with what it kept, where it was. */
export async function startAgain(): Promise<void> {
  const port = Number(new URL(workspace.url).port);
  workspace = await startWorkspace({
    token: localToken,
    signingSecret: localSigningSecret,
    port,
    dir,
    clock: createClock(),
  });
}

export const openPage = (options?: BrowserContextOptions): Promise<Page> => stage.open(browser, options);

export const post = (text: string, more: object = {}) =>
  stage.client.chat.postMessage({ channel, text, ...more });
export const messages = (page: Page) => page.locator('#messages > article');

/** Waits until the open channel says exactly this. */
export const shows = (page: Page, expected: string[]) =>
  until(`the page shows ${expected.join(', ')}`, async () => {
    assert.deepEqual(await page.locator('#messages > article .content').allInnerTexts(), expected);
    return true;
  });
