import { request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { refusalOf } from '../../localstack/request-guard.ts';
import { startChild } from '../../localstack/engines-child.ts';
import { cleanUp } from './fixtures.ts';

const after = cleanUp();
const json = { 'content-type': 'application/x-amz-json-1.0' };

describe('a request', () => {
  const engine = {
    ...{ hosts: ['127.0.0.1', 'localhost', '::1'], ownPages: false, forms: false },
    unknown: ['Hidden'],
  };
  const page = { ...engine, ownPages: true, forms: true };

  test.each([
    ['of a program', { host: '127.0.0.1:4566', ...json }, undefined],
    ['under another name of the machine', { host: 'LOCALHOST:4566', ...json }, undefined],
    ['over IPv6', { host: '[::1]:4566', ...json }, undefined],
    ['under a foreign name', { host: 'evil.example:4566', ...json }, 421],
    ['under a name that begins like ours', { host: 'localhost.evil.example', ...json }, 421],
    ['without a name', { ...json }, 421],
    ['of a page', { host: '127.0.0.1:4566', origin: 'https://evil.example', ...json }, 403],
    ['of a page of an unnamed origin', { host: '127.0.0.1:4566', origin: 'null', ...json }, 403],
    [
      'of an own page, where there is none',
      { host: 'localhost:1', origin: 'http://localhost:1', ...json },
      403,
    ],
    ['as a form', { host: 'localhost:1', 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['as text', { host: 'localhost:1', 'content-type': 'text/plain;charset=utf-8' }, 415],
    ['without a type', { host: 'localhost:1' }, 415],
    ['for what it is not to know', { host: 'localhost:1', ...json, 'x-amz-target': 'A.Hidden' }, 400],
    ['for anything else', { host: 'localhost:1', ...json, 'x-amz-target': 'A.Shown' }, undefined],
  ])('%s is refused by an engine, or not', (_what, headers, status) => {
    expect(refusalOf({ method: 'POST', headers }, engine)?.status).toBe(status);
  });

  test('of the page of a server that has one passes, and of another port’s does not', () => {
    const from = (origin: string) =>
      refusalOf({ method: 'POST', headers: { host: 'localhost:1', origin } }, page);
    expect(from('http://localhost:1')).toBeUndefined();
    expect(from('http://localhost:2')?.status).toBe(403);
  });
});

type Asked = { status: number | undefined; allowed: string | undefined };
function ask(url: string, method: string, headers: Record<string, string>, body = ''): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers });
    asked.on('response', (response) => {
      response.resume();
      resolve({
        status: response.statusCode,
        allowed: response.headers['access-control-allow-origin'],
      });
    });
    asked.on('error', reject).end(body);
  });
}

test('no page can drive the engines, read from them, or reach them under a name of its own', async () => {
  const { at, stop } = await startChild({ dataDir: ':memory:' });
  after(stop);
  const targets = { [at.sqs]: 'AmazonSQS.ListQueues', [at.dynamodb]: 'DynamoDB_20120810.ListTables' };
  for (const [url, target] of Object.entries(targets)) {
    const headers = {
      ...json,
      'x-amz-target': target,
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=b',
      'x-amz-date': '20260101T000000Z',
    };
    expect((await ask(url, 'POST', headers, '{}')).status).toBe(200);
    const origin = 'https://evil.example';
    for (const [method, more] of [
      ['POST', { origin }],
      ['GET', { origin }],
      ['OPTIONS', { origin, 'access-control-request-method': 'POST' }],
    ] as const) {
      expect(await ask(url, method, { ...headers, ...more }, '{}')).toEqual({
        status: 403,
        allowed: undefined,
      });
    }
    expect((await ask(url, 'POST', { ...headers, host: 'evil.example' }, '{}')).status).toBe(421);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask(url, 'POST', form, 'Action=ListQueues')).status).toBe(415);
  }
  expect((await ask(`${at.slack}/ui/state`, 'GET', { host: 'evil.example' })).status).toBe(421);
});
