import { beforeEach, describe, expect, test } from '@jest/globals';
import { startProxy } from '../../support/proxy.ts';
import { allVouched, at, idOf, status } from '../../support/events.ts';
import { testEndpoints } from '../../support/harness.ts';
import { receive } from '../../support/queues.ts';
import { until } from '../../support/until.ts';
import { createSqsClient } from '../../../src/queue/client.ts';
import { readMessage } from '../../../src/queue/message.ts';
import { createPublisher } from '../../../src/queue/publisher.ts';
import { atTheEnd } from '../../support/open.ts';
import {
  buttonValue as value,
  hangingPublisher,
  keptPublisher,
  openApp,
  openBackend,
  seen,
} from './app-world.ts';
import { happen } from './slack-process.ts';

const { publisher, sent } = keptPublisher();
const backend = await openBackend();
const world = await openApp({ store: backend.store, publisher });
beforeEach(() => {
  sent.length = 0;
  world.answers.length = 0;
});

const bodies = () => sent.map(({ body }): unknown => JSON.parse(body));
const acknowledged = {
  type: 'acknowledge',
  scheduler_id: 'payroll',
  timestamp: '2099-11-23T17:46:41.123Z',
  event_id: 'e2100158-a3ba-5d50-bbae-c98292863b71',
  failure_event_id: idOf(3),
  by: 'sari (U0SARI)',
  accepted_at: '2099-11-23T19:00:00.000Z',
  sender: 'slack',
  ronda_schema: 1,
};

describe('a click on Acknowledge', () => {
  test('queues that the failure is acknowledged, by whom and when it was clicked, then is acknowledged', async () => {
    const answer = await world.click('acknowledge', value);
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(bodies()).toEqual([acknowledged]);
    expect(sent[0]?.groupId).toBe('slack');
    expect(world.answers).toEqual([]);
  });

  test('that Slack sends again is the same event', async () => {
    await world.click('acknowledge', value);
    await world.click('acknowledge', value);
    expect(bodies()).toEqual([acknowledged, acknowledged]);
  });

  test('at the same moment by two people is two events', async () => {
    await world.click('acknowledge', value);
    await world.click('acknowledge', value, { user: { id: 'U0BUDI', username: 'budi' } });
    const ids = sent.map(({ body }) => /"event_id":"([^"]+)"/.exec(body)?.[1]);
    expect(new Set(ids).size).toBe(2);
    expect(bodies()[1]).toMatchObject({ by: 'budi (U0BUDI)' });
  });

  test.each([
    [{ id: 'U0EVIL', username: '\u202e\n@here <!channel>' }, '@here <!channel> (U0EVIL)'],
    [{ id: 'U0EVIL', username: '   ' }, 'U0EVIL'],
    [{ id: 'U0EVIL' }, 'U0EVIL'],
    [{ id: 'U0EVIL', username: 'lone \ud800 half' }, 'lone \ufffd half (U0EVIL)'],
  ])('by %j is by %s', async (user, by) => {
    await world.click('acknowledge', value, { user });
    expect(bodies()).toMatchObject([{ by }]);
  });
});

describe('a click that Slack stamps', () => {
  // 02:00 in Ronda's time is 1789004400 in Slack's.
  const stamped = (action_ts: string) => ({
    actions: [{ type: 'button', action_id: 'acknowledge', block_id: 'b', value, action_ts }],
  });
  test.each([
    ['5 min ahead of our clock keeps its time', '1789004700.000', '2099-11-23T19:05:00.000Z'],
    ['further ahead is taken for now, or it would be refused', '1789004700.001', '2099-11-23T19:00:00.000Z'],
  ])('%s', async (_which, actionTs, timestamp) => {
    await world.click('acknowledge', value, stamped(actionTs));
    expect(bodies()).toMatchObject([{ timestamp }]);
  });
});

describe('a click on Snooze', () => {
  test('queues an hour without alerts, counted from the click', async () => {
    const answer = await world.click('snooze', value);
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(bodies()).toEqual([
      {
        type: 'snooze',
        scheduler_id: 'payroll',
        timestamp: '2099-11-23T17:46:41.123Z',
        event_id: '41340d55-de2d-5f5b-960d-499fc8fbcb53',
        until: '2099-11-23T18:46:41.123Z',
        by: 'sari (U0SARI)',
        accepted_at: '2099-11-23T19:00:00.000Z',
        sender: 'slack',
        ronda_schema: 1,
      },
    ]);
  });
});

describe('a click on History', () => {
  test('shows the last runs to the one who clicked', async () => {
    await happen(
      backend.store,
      status({ status: 'running', event_id: idOf(2), occurred_at: at('17:30:00.000') }),
      status({
        status: 'failed',
        error_message: 'disk full',
        event_id: idOf(3),
        occurred_at: at('17:40:00.000'),
      }),
    );
    expect(await world.click('history', value)).toMatchObject({ status: 200, text: '' });
    const reply = await until('the runs come', () => world.answers[0]);
    expect(reply.text).toBe('billing / close-day: failed since 00:40 WIB (disk full)');
    expect(seen(reply)).toContain('❌ failed · 24 Nov 00:40 · 10 min · disk full');
    expect(sent).toEqual([]);
  });

  test('of a job that is gone says so', async () => {
    const gone = JSON.stringify({ scheduler_id: 'gone', event_id: idOf(3), at: 0 });
    await world.click('history', gone);
    expect((await until('it is said', () => world.answers[0])).text).toBe('No job matches “gone”.');
  });
});

describe('a click on what is no button of ours', () => {
  test.each([
    ['no JSON', 'x', {}],
    ['another JSON', '{"a":1}', {}],
    ['no time', value, { actions: [{ type: 'button', action_id: 'snooze', block_id: 'b', value }] }],
    [
      'an odd time',
      value,
      { actions: [{ type: 'button', action_id: 'snooze', block_id: 'b', value, action_ts: '1e99' }] },
    ],
  ])('(%s) is acknowledged, queues nothing and says so', async (_which, carried, fields) => {
    expect(await world.click('snooze', carried, fields)).toMatchObject({ status: 200, text: '' });
    const reply = await until('it is said', () => world.answers[0]);
    expect(reply.text).toBe('That did not work: this button is not one of Ronda’s.');
    expect(sent).toEqual([]);
  });
});

describe('with the queue away a click', () => {
  test('is acknowledged in time, and the person gets an answer; when it is back, clicking again saves it', async () => {
    const proxy = await startProxy(testEndpoints().sqs);
    atTheEnd(proxy.stop);
    const sqs = createSqsClient('send', proxy.url);
    const through = createPublisher(sqs, backend.queues.events.url.replace(testEndpoints().sqs, proxy.url));
    atTheEnd(async () => {
      await through.close();
      sqs.destroy();
    });
    const { click, answers } = await openApp({ store: backend.store, publisher: through });
    proxy.cut();
    const answer = await click('acknowledge', value);
    expect(answer.status).toBe(200);
    expect(answer.ms).toBeLessThan(2_500);
    const reply = await until('it is said', () => answers[0]);
    expect(reply.text).toContain('it is not saved');
    expect(reply.text).toContain('Try again');
    proxy.rebuild();
    await click('acknowledge', value);
    const queued = await until('it is queued', async () => {
      const messages = await receive(backend.sqs.receive, backend.queues.events.url);
      return messages.length > 0 && messages;
    });
    const read = readMessage({
      body: queued[0]?.Body ?? '',
      messageId: 'm',
      sentAt: at('19:00:00.000'),
      vouched: allVouched,
    });
    expect(read).toMatchObject({
      ok: true,
      value: {
        event: { type: 'failure_acknowledged', failure_event_id: idOf(3), event_id: acknowledged.event_id },
      },
    });
  });

  test('is acknowledged in time also when the queue only hangs', async () => {
    const { click, answers } = await openApp({ store: backend.store, publisher: hangingPublisher });
    const answer = await click('snooze', value);
    expect(answer.status).toBe(200);
    expect(answer.ms).toBeLessThan(2_500);
    expect((await until('it is said', () => answers[0])).text).toContain('it is not saved');
  });
});
