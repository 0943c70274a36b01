import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { storedMessage } from '../../localstack/slack/state.ts';
import { pause } from '../../src/clock.ts';
import { until } from '../support/until.ts';
import { launchChromium } from './chromium.ts';

/**
 * The night of `npm run demo`, whole, as somebody sees it who opens its page: `npm run test:browser`. Pictures of it
 * go to `test/browser/shots/`.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = fileURLToPath(new URL('shots', import.meta.url));
const wide = { viewport: { width: 1_200, height: 1_800 } };
const narrow = { viewport: { width: 390, height: 844 } };
/** The start of everything, a night of 90 s, and the wait until all of it is known. Real ms. */
const maxWaitMs = 300_000;

let browser: Browser;
before(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
});

void test('the demo shows a night: one board, edited at every slot, alerts, recoveries, a silence, a summary', async () => {
  const demo = spawn(process.execPath, ['src/cli.ts', 'demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let out = '';
    demo.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const url = await until('the demo says where it is', () => /http:\/\/\S+/.exec(out)?.[0], {
      timeoutMs: 60_000,
    });
    const page = await (await browser.newContext(wide)).newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto(url);
    const shown = async (): Promise<string> => (await page.locator('#messages').innerText()).trim();
    await until('the board is on the page', async () => (await shown()).includes('Night watch'), {
      timeoutMs: maxWaitMs,
    });
    await until('it is past four', async () => /updated 0[4-6]:/.test(await shown()), {
      timeoutMs: maxWaitMs,
    });
    await pause(2_000);
    await page
      .locator('#messages > article')
      .first()
      .screenshot({ path: `${shots}/board.png` });
    await until('the night is summed up', async () => (await shown()).includes('Night summary'), {
      timeoutMs: maxWaitMs,
    });
    await until('the board shows its end', async () => (await shown()).includes('updated 06:00'), {
      timeoutMs: maxWaitMs,
    });
    await page.screenshot({ path: `${shots}/summary.png` });
    const phone = await (await browser.newContext(narrow)).newPage();
    await phone.goto(url);
    await until('a phone shows it, too', async () =>
      (await phone.locator('#messages').innerText()).includes('Night summary'),
    );
    await phone.screenshot({ path: `${shots}/phone.png` });
    await phone
      .locator('#messages > article')
      .first()
      .screenshot({ path: `${shots}/phone-board.png` });

    const answer = await fetch(new URL('/control/messages', url));
    const { messages } = z.object({ messages: z.array(storedMessage) }).parse(await answer.json());
    const keyOf = ({ metadata }: (typeof messages)[number]): string =>
      String(metadata?.event_payload['key'] ?? '');
    // A key is the night's (a board's name and a date), then what the message is.
    const of = (kind: string) => messages.filter((message) => keyOf(message).split('/')[2] === kind);

    const [board, ...more] = of('board');
    assert.deepEqual(more, [], 'there is one board message');
    const times = [...(board?.history ?? []), ...(board === undefined ? [] : [board])].map(
      ({ text }) => /, (\d\d):\d\d WIB: /.exec(text)?.[1],
    );
    for (const hour of ['00', '01', '02', '03', '04', '05', '06'])
      assert.ok(times.includes(hour), `the board was drawn at ${hour}:00`);
    assert.equal(of('summary').length, 1, 'there is one summary');
    assert.ok(of('alert').length >= 5, 'failures were told');
    assert.equal(of('group').length, 1, 'the storm is one message');
    assert.ok(of('stale').length >= 1, 'a silence was warned of');
    assert.ok(
      of('alert').some(({ text }) => text.includes('recovered')),
      'a recovery is shown in its alert',
    );
    const keys = messages.map(keyOf).filter((key) => key !== '');
    assert.equal(new Set(keys).size, keys.length, 'nothing is there twice');
    assert.deepEqual(complaints, [], 'the page complains of nothing');
  } finally {
    demo.kill('SIGINT');
  }
});
