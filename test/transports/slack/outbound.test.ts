import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { slackFetch } from '../../../src/transports/slack/outbound.ts';
import { listening } from '../../support/listening.ts';

let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  if (request.url === '/away') response.writeHead(302, { location: '/here' }).end();
  else response.end('ok');
});
let base = '';
beforeAll(async () => {
  base = `http://127.0.0.1:${await listening(server)}`;
});
afterAll(() => {
  server.close();
});

describe('a call to Slack', () => {
  test.each([
    'http://hooks.slack.com/actions/T/1/2',
    'https://hooks.slack.com.evil.example/',
    'https://evil.example/?https://hooks.slack.com/',
    'https://hooks.slack.com@evil.example/',
    'https://169.254.169.254/latest/meta-data/',
    'http://localhost/',
    'file:///etc/passwd',
  ])('goes nowhere else: %s', async (url) => {
    await expect(slackFetch(undefined)(url)).rejects.toThrow(/is not Slack's/);
  });

  test('goes to the host of another API base alone, where there is one', async () => {
    expect(await (await slackFetch(`${base}/api/`)(`${base}/response/1`)).text()).toBe('ok');
    await expect(slackFetch(`${base}/api/`)('https://hooks.slack.com/actions/T/1/2')).rejects.toThrow(
      /is not Slack's/,
    );
    await expect(slackFetch(`${base}/api/`)(base.replace('127.0.0.1', 'localhost'))).rejects.toThrow(
      /is not Slack's/,
    );
  });

  test('follows no redirect', async () => {
    asked = 0;
    await expect(slackFetch(`${base}/api/`)(`${base}/away`)).rejects.toThrow();
    expect(asked).toBe(1);
  });
});
