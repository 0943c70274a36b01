import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { send, startTestWorkspace } from './workspace-fixtures.ts';
import { listening } from '../../support/listening.ts';

const channel = 'C0RONDA';

describe('a response_url', () => {
  test('is good five times', async () => {
    const bodies: string[] = [];
    const listener = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.end());
    });
    const own = await startTestWorkspace();
    const port = await listening(listener);
    await send(own, 'POST', '/control/app', { request_url: `http://127.0.0.1:${port}/` });
    await send(own, 'POST', '/ui/command', { command: '/eod', user: 'U0SARI', channel });
    const address = new URLSearchParams(bodies.join('')).get('response_url') ?? '';
    const answer = async (body: object): Promise<unknown> => {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.json();
    };
    expect(await answer({ text: '' })).toMatchObject({ ok: false, error: 'no_text' });
    for (let n = 1; n <= 5; n += 1) {
      expect(await answer({ text: `answer ${n}` })).toEqual({ ok: true });
    }
    expect(await answer({ text: 'answer 6' })).toEqual({ ok: false, error: 'used_url' });
    const { json } = await send(own, 'GET', '/control/ephemerals');
    expect(json).toMatchObject({
      ephemerals: [1, 2, 3, 4, 5].map((n) => ({ message: { text: `answer ${n}` } })),
    });
    await own.stop();
    await new Promise((resolve) => listener.close(resolve));
  });
});
