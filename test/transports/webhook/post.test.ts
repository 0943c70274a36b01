import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { isInternal } from '../../../src/transports/webhook/addresses.ts';
import { createWebhook } from '../../../src/transports/webhook/webhook.ts';
import { nextSecret, openReceiver, secret } from './receiver.ts';

const bytes = (text: string): Buffer => Buffer.from(text.slice('whsec_'.length), 'base64');

function webhookAt(url: string, { secrets = [secret], isAllowed = true } = {}) {
  return createWebhook(
    { name: 'ops', url: new URL(url), secrets: secrets.map(bytes), isAllowed },
    createClock(),
  );
}

describe('a delivery', () => {
  test('is signed as the reference library of Standard Webhooks expects it', async () => {
    const { url, received } = await openReceiver();
    expect(await webhookAt(url).test()).toBe('HTTP 204');
    expect(received).toMatchObject([{ payload: { type: 'alert.opened', data: { test: true } } }]);
  });

  test('is signed with both secrets while they are rotated, so that either is enough', async () => {
    for (const known of [secret, nextSecret]) {
      const { url, received } = await openReceiver({ known });
      await webhookAt(url, { secrets: [secret, nextSecret] }).test();
      expect(received).toHaveLength(1);
    }
  });

  test('that is answered otherwise than by 2xx is not taken; only 410 is final, and a wait that is asked for counts', async () => {
    const receiver = await openReceiver();
    const hook = webhookAt(receiver.url);
    receiver.headers = { 'retry-after': '120' };
    receiver.answer = () => 503;
    await expect(hook.test()).rejects.toMatchObject({
      message: 'HTTP 503',
      isFinal: false,
      retryAfterMs: 120_000,
    });
    receiver.answer = () => 410;
    await expect(hook.test()).rejects.toMatchObject({ message: 'HTTP 410', isFinal: true });
  });

  test('follows no redirect', async () => {
    const [elsewhere, receiver] = [await openReceiver(), await openReceiver()];
    receiver.answer = () => 307;
    receiver.headers = { location: elsewhere.url };
    await expect(webhookAt(receiver.url).test()).rejects.toMatchObject({ message: 'HTTP 307' });
    expect(elsewhere.received).toEqual([]);
  });

  test.each(['http://127.0.0.1:PORT/', 'http://localhost:PORT/', 'http://[::ffff:127.0.0.1]:PORT/'])(
    'never reaches this machine by %s unless its host is permitted by name',
    async (form) => {
      const { url, received } = await openReceiver();
      const hook = webhookAt(form.replace('PORT', new URL(url).port), { isAllowed: false });
      await expect(hook.test()).rejects.toMatchObject({
        message: expect.stringContaining('RONDA_WEBHOOK_ALLOW_HOSTS'),
      });
      expect(received).toEqual([]);
    },
  );

  test('to nobody says why', async () => {
    await expect(webhookAt('http://127.0.0.1:1/').test()).rejects.toMatchObject({
      code: 'WEBHOOK_NOT_TAKEN',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

test.each<[string, boolean]>([
  ['127.0.0.1', true],
  ['10.255.0.1', true],
  ['172.16.0.1', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['0.0.0.0', true],
  ['255.255.255.255', true],
  ['8.8.8.8', false],
  ['::1', true],
  ['::', true],
  ['::ffff:10.0.0.1', true],
  ['::ffff:a9fe:a9fe', true],
  ['64:ff9b::a9fe:a9fe', true],
  ['fd00:ec2::254', true],
  ['fe80::1', true],
  ['2001:4860:4860::8888', false],
])('%s is internal: %s', (address, internal) => {
  expect(isInternal(address)).toBe(internal);
});
