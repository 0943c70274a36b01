import { describe, expect, test } from '@jest/globals';
import { ContendedRowError, DependencyError } from '../../../../src/errors.ts';
import { startNotices, waitSeconds } from '../../../../src/watch/notice-consumer.ts';
import {
  AmbiguousError,
  RateLimitedError,
  RefusedError,
} from '../../../../src/transports/slack/slack-errors.ts';
import { keptLog } from '../../../support/log-lines.ts';
import { attributesOf, isEmpty, receive, send } from '../../../support/queues.ts';
import { until } from '../../../support/until.ts';
import { control, fault, newReplica, openStage, openWorld, shared, time } from './alert-world.ts';
import { again, openNoticeQueue } from './notice-queue.ts';

openWorld();
const text = 'billing / close-day failed 01:40 WIB: disk full';

describe('a notice', () => {
  test('is done once its alert is delivered, and does nothing when it is delivered again', async () => {
    const { fail, replica, texts } = await openStage();
    const { process, delivered } = await openNoticeQueue();
    const [message] = await delivered(await fail('job'));
    const [one, other] = [process(replica()), process(replica())];
    expect(await one.handle(again(message, 1))).toEqual(['done']);
    expect(await one.handle(again(message, 2))).toEqual(['done']);
    expect(await other.handle(again(message, 3))).toEqual(['done']);
    expect(await texts()).toEqual([text]);
  });

  test('that two replicas are handed at once, twice each, is delivered once, and then all of them are done', async () => {
    const { fail, replica, texts } = await openStage();
    const { process, delivered } = await openNoticeQueue();
    const key = await fail('job');
    const messages = await delivered(key, key, key, key);
    const [one, other] = [process(replica()), process(replica())];
    const [first, second] = await Promise.all([
      one.handle(...messages.slice(0, 2)),
      other.handle(...messages.slice(2)),
    ]);
    const all = [...first, ...second];
    expect(all).toContain('done');
    expect(all.filter((one) => one !== 'done' && one !== 2)).toEqual([]);
    expect(await other.handle(...messages)).toEqual(['done', 'done', 'done', 'done']);
    expect(await texts()).toEqual([text]);
  });

  test.each([
    ['no JSON', '{"night":'],
    ['no object', '[1]'],
    ['no key', '{"night":"eod/2099-11-24"}'],
    ['a key that no table can have', { night: '', message_key: 'alert/x' }],
    ['a key that is too long for a table', { night: 'eod/2099-11-24', message_key: 'k'.repeat(1_025) }],
  ])('with %s is put aside with why, and holds up nobody', async (_what, body) => {
    const { fail, replica, texts } = await openStage();
    const { process, delivered, deadLetterUrl } = await openNoticeQueue();
    const { log, lines } = keptLog('info');
    const [broken, good] = await delivered(body, await fail('job'));
    expect(await process(replica(log)).handle(again(broken, 1), again(good, 1))).toEqual(['done', 'done']);
    expect(await texts()).toEqual([text]);
    const [dead, ...more] = await receive(shared().backend.sqs.receive, deadLetterUrl);
    expect(more).toEqual([]);
    expect(dead?.Body).toBe(typeof body === 'string' ? body : JSON.stringify(body));
    expect(attributesOf(dead ?? {})).toMatchObject({
      'ronda-reason': 'it is no notice: {night, message_key}',
      'ronda-message-id': broken?.MessageId,
    });
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { msg: 'notice moved to the dead-letter queue', message_id: broken?.MessageId },
    ]);
  });

  test('without its row is dropped, with an error in the log', async () => {
    const { replica, board, shown } = await openStage();
    const { process, delivered } = await openNoticeQueue();
    const { log, lines } = keptLog('warn');
    const messages = await delivered({ night: `${board.name}/2099-11-24`, message_key: 'alert/none/x' });
    expect(await process(replica(log)).handle(...messages)).toEqual(['done']);
    expect(lines).toMatchObject([{ level: 'error', msg: 'a notice names no alert: it is dropped' }]);
    expect(await shown()).toEqual([]);
  });

  test('comes again after 1 s, doubling to a minute, while Slack is away; then it is delivered once', async () => {
    const { fail, replica, texts } = await openStage();
    const { process, delivered } = await openNoticeQueue();
    const { log, lines } = keptLog('info');
    const [message] = await delivered(await fail('job'));
    const { handle, closed } = process(replica(log));
    await fault({ fault: 'http_503' });
    const waits = [];
    for (const count of [1, 2, 3, 7]) waits.push(...(await handle(again(message, count))));
    expect(waits).toEqual([1, 2, 4, 60]);
    // Slack is no reason to stop receiving, and nobody can do anything about it.
    expect(closed).toEqual([]);
    expect(new Set(lines.map(({ level }) => level))).toEqual(new Set(['warn']));
    await control('DELETE', 'faults');
    expect(await handle(again(message, 8))).toEqual(['done']);
    expect(await texts()).toEqual([text]);
  });

  test('waits as long as Slack asks for, and those of another channel do not', async () => {
    const [asked, free] = [await openStage(), await openStage()];
    const { process, delivered } = await openNoticeQueue();
    const [waiting, later, other] = await delivered(
      await asked.fail('job'),
      await asked.fail('next', { job_name: 'next' }),
      await free.fail('job'),
    );
    await fault({ method: 'chat.postMessage', fault: 'rate_limited', retry_after: 90, count: 1 });
    const { handle } = process(newReplica([asked.board, free.board]));
    expect(await handle(again(waiting, 1))).toEqual([90]);
    time.at += 30_000;
    expect(await handle(again(waiting, 2), again(other, 1), again(later, 1))).toEqual([60, 'done', 60]);
    expect([await asked.texts(), await free.texts()]).toEqual([[], [text]]);
    time.at += 60_000;
    expect(await handle(again(waiting, 3), again(later, 2))).toEqual(['done', 'done']);
    // Neither waits for the other, so either may be first.
    expect((await asked.texts()).toSorted()).toEqual(
      [text, 'billing / next failed 01:40 WIB: disk full'].toSorted(),
    );
  });
});

describe('what Slack refuses', () => {
  const refusals = [
    ['a channel that is archived', { archived: true }, 'is_archived'],
    ['a channel that the app is not in', { member: false }, 'not_in_channel'],
  ] as const;

  test.each(refusals)('for %s is delivered after that is mended', async (_what, wrong, error) => {
    const { channel, fail, replica, texts } = await openStage();
    const { process, delivered } = await openNoticeQueue();
    const { log, lines } = keptLog('info');
    const [first, second] = await delivered(
      await fail('a', { job_name: 'a' }),
      await fail('b', { job_name: 'b' }),
    );
    const { handle, closed } = process(replica(log));
    const rebuild = (how: object) => control('POST', 'channels', { id: channel, name: 'stage', ...how });
    await rebuild(wrong);
    expect(await handle(again(first, 1), again(second, 1))).toEqual([1, 1]);
    expect(await handle(again(first, 4), again(second, 4))).toEqual([8, 8]);
    const complaint = {
      level: 'error',
      msg: `slack refuses: ${error}: check SLACK_CHANNEL, and invite the app into the channel; alert not delivered yet: its notice stays queued`,
    };
    expect(lines).toMatchObject([complaint]);
    // Once in five minutes, however many alerts wait.
    time.at += 300_000;
    await handle(again(first, 5), again(second, 5));
    expect(lines).toMatchObject([complaint, complaint]);
    expect(closed).toEqual([]);
    await rebuild({});
    expect(await handle(again(first, 6), again(second, 6))).toEqual(['done', 'done']);
    expect((await texts()).sort()).toEqual([
      'billing / a failed 01:40 WIB: disk full',
      'billing / b failed 01:40 WIB: disk full',
    ]);
  });

  test('for a token that was revoked is delivered under the next one', async () => {
    const { fail, replica, texts } = await openStage();
    const { process, delivered } = await openNoticeQueue();
    const { log, lines } = keptLog('info');
    const [message] = await delivered(await fail('job'));
    await fault({ fault: 'token_revoked' });
    const { handle } = process(replica(log));
    for (const count of [1, 2, 3]) await handle(again(message, count));
    expect(lines).toMatchObject([
      {
        level: 'error',
        msg: 'slack refuses: token_revoked: check SLACK_BOT_TOKEN and the app’s scopes; alert not delivered yet: its notice stays queued',
      },
    ]);
    await control('DELETE', 'faults');
    expect(await process(replica()).handle(again(message, 4))).toEqual(['done']);
    expect(await texts()).toEqual([text]);
  });
});

test.each([
  [1, 1],
  [2, 2],
  [3, 4],
  [6, 32],
  [7, 60],
  [1_000, 60],
  // An engine that does not count.
  [0, 1],
])('received %d times, a notice comes again after %d s', (receiveCount, seconds) => {
  const reasons = [
    new AmbiguousError('chat.postMessage', 'HTTP 503'),
    new RefusedError('chat.postMessage', 'is_archived'),
    new ContendedRowError('x', 8),
    new DependencyError('DynamoDB', 'away'),
    new Error('a bug'),
  ];
  expect(reasons.map((error) => waitSeconds(error, receiveCount))).toEqual(reasons.map(() => seconds));
});

test.each([
  [1_000, 1],
  [1_001, 2],
  [90_000, 90],
  // The most that SQS takes.
  [86_400_000, 43_200],
])('asked to wait %d ms, a notice comes again after %d s, however often it came', (ms, seconds) => {
  const error = new RateLimitedError('chat.postMessage', ms);
  expect([1, 5, 100].map((count) => waitSeconds(error, count))).toEqual([seconds, seconds, seconds]);
});

test('a process receives notices, delivers their alerts and deletes them', async () => {
  const { fail, replica, texts } = await openStage();
  const { url, deadLetterUrl } = await openNoticeQueue();
  const { sqs, queues } = shared().backend;
  const notices = startNotices({
    context: replica().context,
    sqs,
    queues: { ...queues, notices: { url, deadLetterUrl } },
    visibilitySeconds: 30,
  });
  try {
    await send(sqs.send, url, await fail('job'));
    await send(sqs.send, url, 'broken');
    await until('the queue is empty', () => isEmpty(sqs.send, url));
  } finally {
    await notices.stop();
  }
  expect(await texts()).toEqual([text]);
  expect(await receive(sqs.receive, deadLetterUrl)).toMatchObject([{ Body: 'broken' }]);
});
