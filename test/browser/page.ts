import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startWorkspace, type RunningWorkspace } from '../../localstack/slack/workspace.ts';
import { createClock } from '../../src/clock.ts';
import { section } from '../localstack/slack/workspace-fixtures.ts';
import { until } from '../support/until.ts';
import { launchChromium } from './chromium.ts';
import { alert, board, channel, setStage, type Stage } from './stage.ts';

/** The page in a real browser, against the real workspace and a real Bolt app: `npm run test:browser`. */

let browser: Browser;
let dir: string;
let workspace: RunningWorkspace;
let stage: Stage;

before(async () => {
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
});
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ronda-page-'));
  workspace = await startWorkspace({ port: 0, dir, clock: createClock() });
  stage = await setStage(workspace);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await stage.stop();
  await workspace.stop();
  rmSync(dir, { recursive: true });
  assert.deepEqual(stage.complaints, [], 'no page complained of a script, a style or the policy');
});

const post = (text: string, more: object = {}) => stage.client.chat.postMessage({ channel, text, ...more });
const messages = (page: Page) => page.locator('#messages > article');
const texts = (page: Page) => page.locator('#messages > article .content').allInnerTexts();
const shows = (page: Page, expected: string[]) =>
  until(`the page shows ${expected.join(', ')}`, async () => {
    assert.deepEqual(await texts(page), expected);
    return true;
  });

test('messages, edits, replies and deletions appear as they happen', async () => {
  await post('first');
  const page = await stage.open(browser);
  await shows(page, ['first']);
  const { ts = '' } = await post('second');
  await shows(page, ['first', 'second']);
  await stage.client.chat.update({ channel, ts, text: 'second, better' });
  await shows(page, ['first', 'second, better']);
  assert.equal(await page.locator('.edited').count(), 1);
  await post('an answer', { thread_ts: ts });
  await page.getByText('1 reply').click();
  assert.equal(await page.locator('.thread .content').innerText(), 'an answer');
  await stage.client.chat.delete({ channel, ts: String((await post('third')).ts) });
  await shows(page, ['first', 'second, better', 'an answer']);
});

test('hostile text stays text, in marks, blocks and tables', async () => {
  const hostile = '<img src=x onerror=alert(1)><script>document.title="x"</script> <javascript:alert(1)|x>';
  const raw = { type: 'raw_text' as const, text: hostile };
  await post(hostile);
  await post('blocks', {
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: hostile } },
      section(hostile),
      { type: 'table', rows: [[raw], [raw]] },
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: hostile }] }],
      },
    ],
  });
  const page = await stage.open(browser);
  await messages(page).nth(1).waitFor();
  assert.equal(await page.locator('#messages').getByText('onerror=alert(1)').count(), 6);
  assert.equal(await page.locator('#messages :is(img, script, iframe, [style])').count(), 0);
  assert.equal(await page.title(), 'Ronda: local Slack');
});

test('a button sends who pressed what, and the app’s edit appears', async () => {
  await post(alert.text, { blocks: alert.blocks });
  const page = await stage.open(browser);
  assert.equal(
    await page.locator('.message.calls').count(),
    1,
    'the first user is Sari: the alert calls her',
  );
  await page.locator('#me').selectOption({ label: 'budi' });
  await until('it does not call Budi', async () => (await page.locator('.message.calls').count()) === 0);
  const acknowledge = page.getByRole('button', { name: 'Acknowledge' });
  await acknowledge.focus();
  await page.keyboard.press('Enter');
  await shows(page, ['acknowledged by budi']);
  assert.deepEqual(stage.told, ['budi pressed acknowledge (about acknowledge)']);
  const focused = page.locator('article:focus');
  assert.equal(await focused.count(), 1, 'the keyboard stays where it was');
});

test('a button with a confirmation asks first', async () => {
  await post(alert.text, { blocks: alert.blocks });
  const page = await stage.open(browser);
  await page.getByRole('button', { name: 'Remove' }).click();
  assert.match(
    await page.getByRole('dialog', { name: 'Remove the job?' }).innerText(),
    /will not be watched/,
  );
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(stage.told, []);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await until('the app was told', () => stage.told.length > 0);
  assert.deepEqual(stage.told, ['sari pressed remove (about remove)']);
});

test('a modal opens for the one who asked for it', async () => {
  await post(alert.text, { blocks: alert.blocks });
  const page = await stage.open(browser);
  await page.getByRole('button', { name: 'History' }).click();
  const modal = page.getByRole('dialog', { name: 'History' });
  assert.match(await modal.innerText(), /01:35 failed/);
  await page.keyboard.press('Escape');
  await modal.waitFor({ state: 'detached' });
});

test('a slash command is answered to the asker alone', async () => {
  const page = await stage.open(browser);
  await page.locator('#command').fill('/eod at 02:15');
  await page.keyboard.press('Enter');
  const whisper = page.locator('.whisper');
  await whisper.waitFor();
  assert.match(await whisper.innerText(), /Only visible to you[^]*the board as it was at 02:15/);
  assert.match((await page.locator('#spoken').textContent()) ?? '', /the board as it was at 02:15/);
  assert.deepEqual(stage.told, ['sari asked at 02:15']);
  await page.locator('#me').selectOption({ label: 'budi' });
  await whisper.waitFor({ state: 'detached' });
  await page.locator('#me').selectOption({ label: 'sari' });
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await whisper.waitFor({ state: 'detached' });
});

test('what cannot be sent is said', async () => {
  const page = await stage.open(browser);
  await page.locator('#command').fill('hello');
  await page.keyboard.press('Enter');
  assert.match(await page.getByRole('alert').innerText(), /Only commands/);
  await stage.stop();
  await page.locator('#command').fill('/eod');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('No app listens').waitFor();
});

test('App Home asks the app and shows each user their own', async () => {
  const page = await stage.open(browser);
  await page.getByRole('link', { name: 'App Home' }).click();
  await page.locator('#home').getByText('Hello @sari').waitFor();
  await page.locator('#me').selectOption({ label: 'putri' });
  await page.locator('#home').getByText('Hello @putri').waitFor();
  assert.deepEqual(stage.told, ['U0SARI came home', 'U0PUTRI came home']);
  await page.reload();
  await page.locator('#home').getByText('Hello @putri').waitFor();
});

test('the view follows at the end, and stays where a reader has scrolled to', async () => {
  for (let count = 0; count < 30; count += 1) await post(`line ${count}`);
  const page = await stage.open(browser);
  await post('last');
  await until('the last message is in sight', () => messages(page).last().getByText('last').isVisible());
  const isAtEnd = () =>
    page.evaluate('scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2');
  await until('the view is at the end', isAtEnd);
  await page.evaluate('scroller.scrollTop = 100');
  await post('unread');
  const fresh = page.getByRole('button', { name: 'New messages' });
  await fresh.waitFor();
  assert.equal(await page.evaluate('scroller.scrollTop'), 100);
  await fresh.click();
  await until('the view is at the end again', isAtEnd);
});

test('the newest board is one press away, and a permalink leads to its message', async () => {
  const { ts = '' } = await stage.client.chat.postMessage({ channel, ...board });
  for (let count = 0; count < 30; count += 1) await post(`line ${count}`);
  const page = await stage.open(browser);
  await page.getByRole('link', { name: 'Jump to newest board' }).click();
  await page.locator(`[id="m-${channel}-${ts}"]:focus`).waitFor();
  const { permalink = '' } = await stage.client.chat.getPermalink({ channel, message_ts: ts });
  const other = await stage.open(browser);
  await other.goto(permalink);
  await other.locator(`[id="m-${channel}-${ts}"]:focus`).waitFor();
});

test('other channels are a list, each with its own messages', async () => {
  const page = await stage.open(browser);
  await post('here');
  await fetch(`${workspace.url}/control/channels`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'C0CARDS', name: 'eod-cards' }),
  });
  await stage.client.chat.postMessage({ channel: 'C0CARDS', text: 'there' });
  await page.reload();
  await page.getByRole('link', { name: '# eod-cards' }).click();
  await shows(page, ['there']);
});

test('a page that lost its workspace shows what it missed once that is back', async () => {
  await post('before');
  const page = await stage.open(browser);
  const port = Number(new URL(workspace.url).port);
  await workspace.stop();
  await page.locator('#status.waiting').waitFor();
  workspace = await startWorkspace({ port, dir, clock: createClock() });
  await post('missed');
  await page.locator('#status.live').waitFor();
  await shows(page, ['before', 'missed']);
  await post('after');
  await shows(page, ['before', 'missed', 'after']);
});

test('a data table keeps its page and order when its message is edited', async () => {
  const raw = (text: string) => ({ type: 'raw_text' as const, text });
  const table = (names: string[]) => ({
    text: 'jobs',
    blocks: [
      {
        type: 'data_table',
        caption: 'Jobs',
        page_size: 2,
        rows: [[raw('Job')], ...names.map((name) => [raw(name)])],
      },
    ],
  });
  const { ts = '' } = await post('jobs', table(['c', 'b', 'a']));
  const page = await stage.open(browser);
  const rows = page.locator('.data-table tbody td, .data-table tbody th');
  await page.getByRole('button', { name: 'Job' }).click();
  assert.deepEqual(await rows.allInnerTexts(), ['a', 'b']);
  await page.getByRole('button', { name: 'Next' }).click();
  assert.deepEqual(await rows.allInnerTexts(), ['c']);
  await stage.client.apiCall('chat.update', { channel, ts, ...table(['c', 'b', 'a', 'd']) });
  await until('the edit is there', async () => (await rows.allInnerTexts()).join() === 'c,d');
});

test('on a phone nothing but a table scrolls sideways, and a table does', async () => {
  await stage.client.chat.postMessage({ channel, ...board });
  await post(alert.text, { blocks: alert.blocks });
  await post(`${'long'.repeat(100)} \`${'code'.repeat(100)}\``);
  const page = await stage.open(browser, { viewport: { width: 360, height: 740 } });
  await messages(page).nth(2).waitFor();
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  assert.equal(await page.evaluate('scroller.scrollWidth'), 360);
  assert.equal(await page.evaluate('document.querySelector(".frame").scrollWidth > 340'), true);
  for (const control of await page.getByRole('button').all()) {
    const box = await control.boundingBox();
    if (box !== null)
      assert.ok(box.x >= 0 && box.x + box.width <= 360, `${await control.innerText()} is on the screen`);
  }
});

test('light and dark follow the reader’s system', async () => {
  const grounds = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await stage.open(browser, { colorScheme });
    grounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
  }
  assert.deepEqual(grounds, ['rgb(255, 255, 255)', 'rgb(22, 24, 28)']);
});
