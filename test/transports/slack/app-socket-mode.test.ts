import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSlackApp, type SlackApp } from '../../../src/transports/slack/app.ts';
import { eod } from '../../support/boards.ts';
import { idOf } from '../../support/events.ts';
import { keptLog, type LogLine } from '../../support/log-lines.ts';
import { until } from '../../support/until.ts';
import { buttonValue as value, keptPublisher, openBackend, signingSecret, token, two } from './app-world.ts';
import { startSocketModeServer, type SocketModeServer } from './socket-mode-server.ts';

const appToken = 'xapp-1-test-app-token';

let slack: SocketModeServer;
let app: SlackApp;
let lines: readonly LogLine[];
let sent: ReturnType<typeof keptPublisher>['sent'];

const { store } = await openBackend();
beforeEach(async () => {
  slack = await startSocketModeServer();
  const kept = keptLog();
  const queue = keptPublisher();
  ({ lines } = kept);
  ({ sent } = queue);
  app = createSlackApp({
    store,
    clock: two,
    boards: [eod],
    stale: { defaultTimeoutMs: 600_000 },
    coverage: () => ({ judgedAt: two.now(), coveredSince: 0, gaps: [] }),
    token,
    signingSecret,
    appToken,
    apiUrl: slack.apiUrl,
    identity: () => Promise.resolve({ teamId: 'T0RONDA', appId: undefined }),
    allowExternal: false,
    publisher: queue.publisher,
    log: kept.log,
  });
});
afterEach(async () => {
  await app.stop();
  await slack.stop();
});

const connected = () => until('it is connected', () => slack.connections() === 1);

function click(envelope_id: string): void {
  slack.send({
    type: 'interactive',
    envelope_id,
    accepts_response_payload: true,
    payload: {
      type: 'block_actions',
      user: { id: 'U0SARI', username: 'sari' },
      team: { id: 'T0RONDA' },
      response_url: 'http://127.0.0.1:1/answers',
      actions: [
        { type: 'button', action_id: 'acknowledge', block_id: 'b', value, action_ts: '1789000001.123456' },
      ],
    },
  });
}

describe('with an app token', () => {
  test('there is no address for Slack to call', () => {
    expect(app.handler).toBeUndefined();
  });

  test('clicks and commands come over a connection that the app opens', async () => {
    await app.start();
    await connected();
    click('e1');
    await until('the click is acknowledged', () => slack.acks.has('e1'));
    expect(sent.map(({ body }): unknown => JSON.parse(body))).toMatchObject([
      { type: 'acknowledge', failure_event_id: idOf(3), by: 'sari (U0SARI)' },
    ]);
    slack.send({
      type: 'slash_commands',
      envelope_id: 'e2',
      accepts_response_payload: true,
      payload: {
        command: '/eod',
        text: '',
        user_id: 'U0SARI',
        user_name: 'sari',
        channel_id: 'C0RONDA',
        team_id: 'T0RONDA',
        trigger_id: '1.2.abc',
        response_url: 'http://127.0.0.1:1/answers',
      },
    });
    await until('the command is answered', () => slack.acks.has('e2'));
    expect(slack.acks.get('e2')).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringContaining('Night of 24 November 2099, 02:00 WIB'),
    });
  });

  test('a connection that ends is made anew', async () => {
    await app.start();
    await connected();
    slack.cut();
    await until('it is asked for again', () => slack.asked() === 2);
    await connected();
    click('e3');
    await until('the click is acknowledged', () => slack.acks.has('e3'));
    expect(sent).toHaveLength(1);
  });

  test('Slack may be away at the start: it is tried again until it is there', async () => {
    slack.answerWith(null);
    await app.start();
    await until('it was tried', () => slack.asked() >= 2);
    slack.answerWith({ ok: true, url: slack.apiUrl.replace('http', 'ws') });
    await connected();
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(lines.filter(({ msg }) => msg.includes('Slack cannot be reached')).length).toBeGreaterThan(0);
  });

  test('a token that Slack refuses while connecting again is reported to a person, and ends nothing', async () => {
    await app.start();
    await connected();
    slack.answerWith({ ok: false, error: 'invalid_auth' });
    slack.cut();
    const line = await until('it is reported', () => lines.find(({ level }) => level === 'error'));
    expect(line.msg).toBe('Slack cannot be reached by Socket Mode; trying again');
    slack.answerWith({ ok: true, url: slack.apiUrl.replace('http', 'ws') });
    await connected();
    expect(JSON.stringify(lines)).not.toMatch(/xapp-|xoxb-|wss?:/);
  });

  test('once stopped it connects no more', async () => {
    await app.start();
    await connected();
    await app.stop();
    await until('it has gone', () => slack.connections() === 0);
    expect(slack.asked()).toBe(1);
  });

  test('it can be stopped while Slack is away', async () => {
    slack.answerWith(null);
    await app.start();
    await until('it was tried', () => slack.asked() >= 1);
    const began = two.real();
    await app.stop();
    expect(two.real() - began).toBeLessThan(4_000);
  });
});
