import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { check, openPage, post, shows, stage } from './scene.ts';
import { alert } from './stage.ts';

/** What people do on the page, and what a real Bolt app hears of it: `npm run test:browser`. */

check('a button sends who pressed what, and the app’s edit appears', async () => {
  await post(alert.text, { blocks: alert.blocks });
  const page = await openPage();
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
  assert.deepEqual(stage.answers, ['budi pressed acknowledge (about acknowledge)']);
  const focused = page.locator('article:focus');
  assert.equal(await focused.count(), 1, 'the keyboard stays where it was');
});

check('a slash command is answered to the asker alone', async () => {
  const page = await openPage();
  await page.locator('#command').fill('/eod at 02:15');
  await page.keyboard.press('Enter');
  const whisper = page.locator('.whisper');
  await whisper.waitFor();
  assert.match(await whisper.innerText(), /Only visible to you[^]*the board as it was at 02:15/);
  assert.match((await page.locator('#spoken').textContent()) ?? '', /the board as it was at 02:15/);
  assert.deepEqual(stage.answers, ['sari asked at 02:15']);
  await page.locator('#me').selectOption({ label: 'budi' });
  await whisper.waitFor({ state: 'detached' });
  await page.locator('#me').selectOption({ label: 'sari' });
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await whisper.waitFor({ state: 'detached' });
});

check('what cannot be sent is said', async () => {
  const page = await openPage();
  await page.locator('#command').fill('hello');
  await page.keyboard.press('Enter');
  assert.match(await page.getByRole('alert').innerText(), /Only commands/);
  await stage.stop();
  await page.locator('#command').fill('/eod');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('No app listens').waitFor();
});

check('App Home asks the app and shows each user their own', async () => {
  const page = await openPage();
  await page.getByRole('link', { name: 'App Home' }).click();
  await page.locator('#home').getByText('Hello @sari').waitFor();
  await page.locator('#me').selectOption({ label: 'putri' });
  await page.locator('#home').getByText('Hello @putri').waitFor();
  assert.deepEqual(stage.answers, ['U0SARI came home', 'U0PUTRI came home']);
  await page.reload();
  await page.locator('#home').getByText('Hello @putri').waitFor();
});
