import { describe, expect, test } from '@jest/globals';
import { at, idOf, removal, snooze, status } from '../../../support/events.ts';
import { keptLog } from '../../../support/log-lines.ts';
import {
  alertOf,
  completed,
  control,
  failed,
  fault,
  happen,
  leaveRow,
  openStage,
  openWorld,
  owned,
  registered,
  rowOf,
  time,
} from './alert-world.ts';
import { textsOf } from '../slack-process.ts';

openWorld();
const plain = 'billing / close-day failed 01:40 WIB: disk full';

describe('a failure is delivered once', () => {
  test('to its alert_user_id, whoever else is its owner', async () => {
    const { id, fail, replica, texts } = await openStage();
    await happen(owned(id('job'), { user: 'U0BUDI', email: 'sari@example.com' }));
    expect(await replica().handle(await fail('job'))).toBe('done');
    expect(await texts()).toEqual([`<@U0BUDI> ${plain}`]);
  });

  test('to the user who has its owner_email, when no user is named', async () => {
    const { id, fail, replica, texts } = await openStage();
    await happen(owned(id('job'), { email: 'sari@example.com' }));
    await replica().handle(await fail('job'));
    expect(await texts()).toEqual([`<@U0SARI> ${plain}`]);
  });

  test('to nobody in particular, when nobody is known or the address is unknown to Slack', async () => {
    const { id, fail, replica, texts } = await openStage();
    await happen(owned(id('other'), { email: 'nobody@example.com' }));
    const { handle } = replica();
    await handle(await fail('job'));
    await handle(await fail('other'));
    expect(await texts()).toEqual([plain, plain]);
  });

  test.each(['internal_error', 'http_503', 'rate_limited', 'token_revoked'])(
    'without a mention, when the look-up of its owner meets %s',
    async (kind) => {
      const { id, fail, replica, texts } = await openStage();
      const { log, lines } = keptLog('warn');
      await happen(owned(id('job'), { email: 'sari@example.com' }));
      await fault({ method: 'users.lookupByEmail', fault: kind });
      await replica(log).handle(await fail('job'));
      expect(await texts()).toEqual([plain]);
      expect(lines).toMatchObject([{ level: 'warn', msg: 'the owner could not be looked up: tried again' }]);
    },
  );

  test('with its mention after all, when Slack was away from the look-up on', async () => {
    const { id, fail, replica, texts } = await openStage();
    await happen(owned(id('job'), { email: 'sari@example.com' }));
    await fault({ fault: 'rate_limited', retry_after: 30 });
    const { handle } = replica();
    const key = await fail('job');
    await expect(handle(key)).rejects.toMatchObject({ code: 'SLACK_RATE_LIMITED', retryAfterMs: 30_000 });
    await control('DELETE', 'faults');
    expect(await replica().handle(key)).toBe('done');
    expect(await texts()).toEqual([`<@U0SARI> ${plain}`]);
  });

  test('and not again after somebody deleted it', async () => {
    const { channel, id, fail, replica, shown } = await openStage();
    const one = replica();
    const key = await fail('job');
    await one.handle(key);
    const [alert] = await shown();
    await control('DELETE', 'messages', { channel, ts: alert?.ts });
    await happen(completed(id('job'), '18:55:00.000'));
    await one.watch();
    await one.watch();
    expect(await one.handle(key)).toBe('done');
    expect(await shown()).toEqual([]);
    expect(await rowOf(key)).toMatchObject({ deleted: true });
  });
});

describe('a failure after which its job', () => {
  test('completed before it could be posted is posted as that, and calls nobody', async () => {
    const { id, fail, replica, shown } = await openStage();
    await happen(owned(id('job'), { user: 'U0BUDI' }), completed(id('job'), '18:55:00.000'));
    const one = replica();
    await one.handle(await fail('job'));
    const [alert, ...others] = await shown();
    expect(alert?.text).toBe(
      '✅ billing / close-day failed 01:40 WIB, completed 01:55 WIB before this could be posted: disk full',
    );
    expect(others).toEqual([]);
    await one.watch();
    expect(await shown()).toEqual([alert]);
  });

  test.each(['running', 'pending', 'failed'] as const)(
    'is %s again 20 ms later calls its owner all the same',
    async (state) => {
      const { id, fail, replica, shown } = await openStage();
      const again = { scheduler_id: id('job'), status: state, occurred_at: at('18:40:00.020') };
      await happen(owned(id('job'), { user: 'U0BUDI' }), status(again));
      await replica().handle(await fail('job'));
      const [alert] = await shown();
      expect(alert?.text).toBe(`<@U0BUDI> ${plain}`);
      expect(JSON.stringify(alert?.blocks)).toContain('"action_id":"acknowledge"');
    },
  );

  test('completed while it waited out an outage of Slack is judged anew when it is delivered', async () => {
    const { id, fail, replica, texts } = await openStage();
    await happen(owned(id('job'), { user: 'U0BUDI' }));
    await fault({ fault: 'rate_limited', retry_after: 30 });
    const key = await fail('job');
    await expect(replica().handle(key)).rejects.toMatchObject({ code: 'SLACK_RATE_LIMITED' });
    await control('DELETE', 'faults');
    await happen(completed(id('job'), '18:55:00.000'));
    await replica().handle(key);
    expect(await texts()).toEqual([
      '✅ billing / close-day failed 01:40 WIB, completed 01:55 WIB before this could be posted: disk full',
    ]);
  });
});

describe('a failure that is delivered to nobody', () => {
  test('is one of a job that was removed before', async () => {
    const { id, fail, replica, shown } = await openStage();
    await happen(
      registered(id('job')),
      removal({ scheduler_id: id('job'), occurred_at: at('18:39:00.000'), event_id: idOf(70) }),
    );
    const key = await fail('job');
    expect(await replica().handle(key)).toBe('done');
    expect(await shown()).toEqual([]);
    expect(await alertOf(key)).toMatchObject({ state: 'suppressed', suppressed_because: 'removed' });
  });

  test('is one of a job that was removed then, though it is registered again now', async () => {
    const { id, fail, replica, shown } = await openStage();
    const registration = { ...registered(id('job')), occurred_at: at('18:45:00.000'), event_id: idOf(92) };
    await happen(
      registered(id('job')),
      removal({ scheduler_id: id('job'), occurred_at: at('18:39:00.000'), event_id: idOf(70) }),
      registration,
    );
    await replica().handle(await fail('job'));
    expect(await shown()).toEqual([]);
  });

  test('is one of a job that nobody registered, once it is sure that nobody did', async () => {
    const { board, id, replica, shown } = await openStage();
    const one = replica();
    const failure = failed(id('job'));
    await happen(failure);
    const key = await leaveRow([board], failure);
    expect(await one.handle(key)).toBe('again');
    time.at += 60_000;
    expect(await one.handle(key)).toBe('done');
    expect(await shown()).toEqual([]);
    expect(await alertOf(key)).toMatchObject({ state: 'suppressed', suppressed_because: 'unregistered' });
  });

  test('is not one whose registration comes a moment later', async () => {
    const { board, id, replica, texts } = await openStage();
    const one = replica();
    const failure = failed(id('job'));
    await happen(failure);
    const key = await leaveRow([board], failure);
    expect(await one.handle(key)).toBe('again');
    await happen(registered(id('job')));
    expect(await one.handle(key)).toBe('done');
    expect(await texts()).toEqual([plain]);
  });

  test('is one that lies in a snooze, by its own time, and is not delivered when that is over', async () => {
    const { id, fail, replica, texts } = await openStage();
    const asleep = (name: string, from: string, until: string) =>
      snooze({ scheduler_id: id(name), occurred_at: at(from), until: at(until), event_id: idOf(80) });
    await happen(
      asleep('inside', '18:30:00.000', '18:40:00.001'),
      asleep('over', '18:30:00.000', '18:40:00.000'),
      asleep('later', '18:40:00.001', '19:30:00.000'),
    );
    const { handle } = replica();
    for (const name of ['inside', 'over', 'later']) await handle(await fail(name, { job_name: name }));
    expect(await texts()).toEqual([
      'billing / over failed 01:40 WIB: disk full',
      'billing / later failed 01:40 WIB: disk full (snoozed until 02:30 WIB by sari)',
    ]);
  });
});

test('an alert has the names that its job is registered under, as the board has', async () => {
  const { id, fail, replica, texts } = await openStage();
  await happen(owned(id('job'), { service_name: 'ledger', job_name: 'Close the day' }));
  await replica().handle(await fail('job'));
  expect(await texts()).toEqual(['ledger / Close the day failed 01:40 WIB: disk full']);
});

describe('a failure that wakes nobody', () => {
  test.each([
    ['older than 24 h, by a millisecond', '2099-11-22T18:59:59.999Z', false],
    ['24 h old, and so not late', '2099-11-22T19:00:00.000Z', true],
  ])('is one %s', async (_age, occurred_at, mentions) => {
    const { id, fail, replica, texts } = await openStage();
    await happen(owned(id('job'), { user: 'U0BUDI' }));
    await replica().handle(await fail('job', { occurred_at }));
    const [text = ''] = await texts();
    expect(text.startsWith('<@U0BUDI> ')).toBe(mentions);
    expect(text).toContain('billing / close-day failed 23 November 2099, 0');
  });
});

test('text from services stays text, in every field and in a group too', async () => {
  const hostile = '<!channel> <@U0SARI> <https://evil.example|x> @here #general *b* `c`\u202e\nline';
  const { id, fail, replica, shown } = await openStage();
  const event = { service_name: hostile, job_name: hostile, error_message: hostile };
  const names = { service_name: hostile, job_name: hostile };
  await happen(owned(id('single'), { user: '<!here>', ...names }), owned(id('grouped'), names));
  const one = replica();
  await one.handle(await fail('single', event));
  for (const n of [1, 2, 3, 4]) await one.handle(await fail(`filler-${n}`));
  await one.handle(await fail('grouped', event));
  await one.watch();
  await happen({ ...completed(id('single'), '18:55:00.000'), service_name: hostile, job_name: hostile });
  await one.watch();
  const messages = await shown();
  // The alerts, the group, and in the thread of the one that recovered its details and its recovery.
  expect(messages).toHaveLength(8);
  for (const { text, blocks } of messages) {
    expect(text).not.toMatch(/<|@here|#general|https:\/\/|\u202e|\n/);
    const parsed = JSON.stringify(blocks, (_name, value: unknown) =>
      typeof value === 'object' && value !== null && 'type' in value && value.type === 'mrkdwn'
        ? 'MRKDWN'
        : value,
    );
    // Nothing that parses carries any of it: all of it stands where nothing is parsed.
    expect(parsed).not.toContain('MRKDWN');
  }
});

test('a failure says how long its run took, as reported or since it began', async () => {
  const { id, fail, replica, shown } = await openStage();
  await happen(status({ scheduler_id: id('job'), status: 'running', occurred_at: at('18:05:00.000') }));
  const { handle } = replica();
  await handle(await fail('job'));
  await handle(await fail('other', { ...failed(id('other')), execution_time_ms: 61_000 }));
  const durations = (await shown()).map((one) => textsOf(one).filter((text) => /^\d+ min$/.test(text)));
  expect(durations).toEqual([['35 min'], ['1 min']]);
});
