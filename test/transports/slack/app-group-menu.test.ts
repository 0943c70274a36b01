import { beforeEach, describe, expect, test } from '@jest/globals';
import { messageTable } from '../../../src/store/messages/messages.ts';
import { acknowledgement, at, idOf, registration, removal, status } from '../../support/events.ts';
import { until } from '../../support/until.ts';
import { keptPublisher, openApp, openBackend } from './app-world.ts';
import { happen } from './slack-process.ts';

const { publisher, sent } = keptPublisher();
const key = { night: 'eod/2099-11-24', message_key: 'group/2099-11-23T18:59:00.000Z/0123456789ab' };

const member = (scheduler_id: string, more = {}) => ({
  scheduler_id,
  event_id: idOf(40),
  occurred_at: at('17:40:00.000'),
  service_name: 'billing',
  job_name: scheduler_id,
  error: null,
  mention: null,
  ...more,
});

const backend = await openBackend();
const world = await openApp({ store: backend.store, publisher });
const failed = (scheduler_id: string) =>
  status({ scheduler_id, status: 'failed', occurred_at: at('17:40:00.000'), event_id: idOf(40) });
for (const id of ['a', 'b', 'c', 'd', 'e'])
  await happen(backend.store, registration({ scheduler_id: id }), failed(id));
const by = { failure_event_id: idOf(40), occurred_at: at('17:45:00.000'), event_id: idOf(60) };
await happen(
  backend.store,
  acknowledgement({ scheduler_id: 'c', ...by }),
  removal({ scheduler_id: 'e', occurred_at: at('17:50:00.000'), event_id: idOf(61) }),
);
const recovered = { recovered: { at: Date.parse(at('17:50:00.000')) } };
const members = [member('a'), member('b'), member('c'), member('d', recovered), member('e')];
await messageTable(backend.store).create({
  ...key,
  kind: 'group',
  created_at: at('18:59:00.000'),
  details: { members, joined_at: 0 },
});
beforeEach(() => {
  sent.length = 0;
  world.answers.length = 0;
});

/** Chooses something in a group's menu. */
const choose = (value: string, action_id = `group ${key.night} ${key.message_key}`) =>
  world.click('', '', {
    actions: [
      {
        type: 'static_select',
        action_id,
        block_id: 'b',
        action_ts: '1789000001.123456',
        selected_option: { text: { type: 'plain_text', text: 'x' }, value },
      },
    ],
  });
/** What was queued, once it is so many: Slack is answered before anything is read. */
async function queued(count: number): Promise<unknown[]> {
  await until('all is queued', () => Promise.resolve(sent.length >= count));
  return sent.map(({ body }): unknown => JSON.parse(body));
}

describe('a choice in a group’s menu', () => {
  test('acknowledges the one failure', async () => {
    expect(await choose('acknowledge 1')).toMatchObject({ status: 200 });
    expect(await queued(1)).toMatchObject([
      { type: 'acknowledge', scheduler_id: 'b', failure_event_id: idOf(40), by: 'sari (U0SARI)' },
    ]);
  });

  test('acknowledges all that are open and that nobody has acknowledged', async () => {
    await choose('acknowledge all');
    expect(await queued(2)).toMatchObject([{ scheduler_id: 'a' }, { scheduler_id: 'b' }]);
  });

  test('snoozes all that are open for an hour', async () => {
    await choose('snooze all');
    const until = '2099-11-23T18:46:41.123Z';
    expect(await queued(3)).toMatchObject(
      ['a', 'b', 'c'].map((scheduler_id) => ({ type: 'snooze', scheduler_id, until })),
    );
  });

  test.each([
    ['of a failure that is not there', 'acknowledge 9', undefined],
    ['that is none', 'resolve all', undefined],
    ['of a group that nobody knows', 'acknowledge all', 'group eod/2099-11-24 group/none'],
  ])('%s does nothing, and says so', async (_what, value, action) => {
    await choose(value, action);
    await until('it is said', () => Promise.resolve(world.answers.length > 0));
    expect(sent).toEqual([]);
    expect(world.answers[0]?.text).toBe(
      'That did not work: these failures are over, or nobody knows them any more.',
    );
  });
});
