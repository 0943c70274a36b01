import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { cleanUp } from '../../localstack/fixtures.ts';
import { bootstrapKey } from '../../support/harness.ts';
import { openRonda } from '../../support/open.ts';
import { startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';
import { bothWays, openWorld, shell } from './wrapped.ts';
import { listening } from '../../support/listening.ts';

const after = cleanUp();

test.each(['0', 'Mon, 23 Nov 2020 17:00:30 GMT', '0.001', '-5'])(
  'a Retry-After of %s costs no more requests than none at all',
  async (header) => {
    const { env, server } = await openWorld(after, () => ({
      status: 503,
      headers: { 'retry-after': header },
    }));
    await shell('WRAP x --patience 3s --heartbeat 0 -- true', bothWays[0][1], env).ended;
    expect(server.seen.length).toBeLessThanOrEqual(8);
  },
);

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return await listening(server);
}

/** A proxy that knows the way to one server, whatever it is asked for. @returns its URL, and what it was asked for */
async function proxyTo(port: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer((incoming, response) => {
    const { url = '', method = 'GET', headers } = incoming;
    asked.push(`${method} ${url}`);
    const onward = request({ port, method, headers, path: new URL(url).pathname }, (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(`CONNECT ${url}`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) one.on('error', () => undefined);
  });
  return { url: `http://127.0.0.1:${await portOf(proxy)}`, asked };
}

test.each(bothWays)('%s goes through HTTP_PROXY, except to where NO_PROXY says', async (_name, way) => {
  const { env, server, statuses } = await openWorld(after);
  const proxy = await proxyTo(Number(new URL(server.url).port));
  const away = { ...env, RONDA_URL: 'http://ronda.invalid:3000', HTTP_PROXY: proxy.url };
  expect(await shell('WRAP x -- true', way, away).ended).toMatchObject({ code: 0, err: '' });
  expect(statuses()).toEqual(['running', 'completed']);
  expect(proxy.asked.join('\n')).toContain('ronda.invalid:3000');
  const asked = proxy.asked.length;
  await shell('WRAP x -- true', way, { ...env, http_proxy: proxy.url, NO_PROXY: '127.0.0.1' }).ended;
  expect(statuses()).toHaveLength(4);
  expect(proxy.asked).toHaveLength(asked);
});

test.each(bothWays)('%s goes to an https URL through HTTPS_PROXY', async (_name, way) => {
  const { env } = await openWorld(after);
  const proxy = await proxyTo(await portOf(createTlsServer()));
  const away = { ...env, RONDA_URL: 'https://ronda.invalid', HTTPS_PROXY: proxy.url };
  const { code } = await shell('WRAP x --patience 1s -- true', way, away).ended;
  expect(code).toBe(0);
  expect(proxy.asked).toContain('CONNECT ronda.invalid:443');
});

const entries = z.array(z.object({ status: z.string(), id: z.string() }));

test.each(bothWays)(
  '%s: an ID may run several times at once; no report of any is lost or doubled',
  async (_name, way) => {
    const { ingress } = await openRonda();
    const proxy = await startProxy(ingress.url);
    after(proxy.stop);
    const { env: base, folder } = await openWorld(after);
    const env = { ...base, RONDA_URL: proxy.url, RONDA_API_KEY: bootstrapKey };
    proxy.cut();
    const allAtOnce = (maxWait: string): string =>
      `for n in 1 2 3; do WRAP twice --patience ${maxWait} -- sh -c "exit $n" & done; wait`;
    await shell(allAtOnce('1s'), way, env).ended;
    proxy.rebuild();
    await shell(allAtOnce('1m'), way, env).ended;
    const found = await until('all is told', async () => {
      const { json } = await ingress.call('GET', '/schedulers/twice/history?limit=100');
      const reported = entries.parse(json).filter(({ status }) => status !== 'pending');
      return reported.length >= 12 && reported;
    });
    expect(found.map(({ status }) => status).toSorted()).toEqual([
      ...Array.from({ length: 6 }, () => 'failed'),
      ...Array.from({ length: 6 }, () => 'running'),
    ]);
    const left = await readdir(join(folder, 'spool'), { recursive: true });
    expect(left.filter((one) => one.includes('.json'))).toEqual([]);
  },
);
