import assert from 'node:assert/strict';
import { section } from '../localstack/slack/workspace-fixtures.ts';
import { until } from '../support/until.ts';
import { check, messages, openPage, post, shows, stage, startAgain, workspace } from './scene.ts';
import { alert, board, channel } from './stage.ts';

/** What the page shows, in a real browser, against the real workspace: `npm run test:browser`. */

check('messages, edits, replies and deletions appear as they happen', async () => {
  await post('first');
  const page = await openPage();
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

check('hostile text stays text, in marks, blocks and tables', async () => {
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
  const page = await openPage();
  await messages(page).nth(1).waitFor();
  assert.equal(await page.locator('#messages').getByText('onerror=alert(1)').count(), 6);
  assert.equal(await page.locator('#messages :is(img, script, iframe, [style])').count(), 0);
  assert.equal(await page.title(), 'Ronda: local Slack');
});

check('the view follows at the end, and stays where a reader has scrolled to', async () => {
  for (let count = 0; count < 30; count += 1) await post(`line ${count}`);
  const page = await openPage();
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

check('the newest board is one press away, and a permalink leads to its message', async () => {
  const { ts = '' } = await stage.client.chat.postMessage({ channel, ...board });
  for (let count = 0; count < 30; count += 1) await post(`line ${count}`);
  const page = await openPage();
  await page.getByRole('link', { name: 'Jump to newest board' }).click();
  await page.locator(`[id="m-${channel}-${ts}"]:focus`).waitFor();
  const { permalink = '' } = await stage.client.chat.getPermalink({ channel, message_ts: ts });
  const other = await openPage();
  await other.goto(permalink);
  await other.locator(`[id="m-${channel}-${ts}"]:focus`).waitFor();
});

check('other channels are a list, each with its own messages', async () => {
  const page = await openPage();
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

check('a page that lost its workspace shows what it missed once that is back', async () => {
  await post('before');
  const page = await openPage();
  await workspace.stop();
  await page.locator('#status.waiting').waitFor();
  await startAgain();
  await post('missed');
  await page.locator('#status.live').waitFor();
  await shows(page, ['before', 'missed']);
  await post('after');
  await shows(page, ['before', 'missed', 'after']);
});

check('on a phone nothing but a table scrolls sideways, and a table does', async () => {
  await stage.client.chat.postMessage({ channel, ...board });
  await post(alert.text, { blocks: alert.blocks });
  await post('long'.repeat(100));
  const page = await openPage({ viewport: { width: 360, height: 740 } });
  await messages(page).nth(2).waitFor();
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  assert.equal(await page.evaluate('scroller.scrollWidth'), 360);
  const isCut =
    '(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.querySelector(".frame"))';
  assert.equal(await page.evaluate(isCut), true);
  for (const control of await page.getByRole('button').all()) {
    const box = await control.boundingBox();
    if (box !== null)
      assert.ok(box.x >= 0 && box.x + box.width <= 360, `${await control.innerText()} is on the screen`);
  }
});

check('light and dark follow the reader’s system', async () => {
  const grounds = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openPage({ colorScheme });
    grounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
  }
  assert.deepEqual(grounds, ['rgb(255, 255, 255)', 'rgb(22, 24, 28)']);
});
