import { beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { buttonValue as value, keptPublisher, openApp, openBackend, answerIn } from './app-world.ts';

const { publisher, sent } = keptPublisher();
const refused = 'That did not work: only people of the organisation that runs this app can do that.';
const backend = await openBackend();
const world = await openApp({ store: backend.store, publisher });
beforeEach(() => {
  sent.length = 0;
  world.answers.length = 0;
});

describe('who is not of our team', () => {
  test('is answered nothing but that, by a command', async () => {
    expect(answerIn(await world.command('', { team_id: 'T0OTHER' })).text).toBe(refused);
  });

  test.each([
    ['of another organisation, in our team’s channel', { user: { id: 'U0EVIL', team_id: 'T0OTHER' } }],
    ['in another team', { team: { id: 'T0OTHER' } }],
    ['of another app', { api_app_id: 'A0OTHER' }],
    ['of no team at all', { team: null }],
  ])('changes nothing by a click %s', async (_who, fields) => {
    expect(await world.click('acknowledge', value, fields)).toMatchObject({ status: 200 });
    const reply = await until('it is said', () => Promise.resolve(world.answers[0]));
    expect(reply.text).toBe(refused);
    expect(sent).toEqual([]);
  });

  test('may act where the settings allow it', async () => {
    const open = await openApp({ store: backend.store, publisher, allowExternal: true });
    await open.click('acknowledge', value, {
      user: { id: 'U0PARTNER', username: 'pat', team_id: 'T0OTHER' },
    });
    expect(sent.map(({ body }): unknown => JSON.parse(body))).toMatchObject([{ by: 'pat (U0PARTNER)' }]);
  });
});

test('nobody acts while Slack does not say who we are', async () => {
  const identity = () => Promise.reject(new Error('away'));
  const { click } = await openApp({ store: backend.store, publisher, identity });
  await click('acknowledge', value);
  expect(sent).toEqual([]);
});

test('answers go to Slack’s own host alone, wherever a request says', async () => {
  const before = world.answers.length;
  await world.click('acknowledge', '{}', { response_url: 'http://127.0.0.1:9/answers' });
  const elsewhere = await openApp({ store: backend.store, publisher });
  await elsewhere.click('acknowledge', '{}', { response_url: `${world.url}/answers` });
  await elsewhere.app.stop();
  expect(world.answers).toHaveLength(before);
});
