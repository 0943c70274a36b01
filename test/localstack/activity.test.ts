import { once } from 'node:events';
import { mkdir, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { trackActivity } from '../../localstack/activity.ts';
import { cleanUp, newDataDir } from './fixtures.ts';

const after = cleanUp();

/** Activity whose time passes only as it is waited for. */
async function tracked() {
  const dataDir = await newDataDir(after);
  await mkdir(dataDir);
  const time = { at: 0 };
  const activity = trackActivity(dataDir, { monotonic: () => time.at });
  after(activity.close);
  const untilAbandoned = (onSecond: (second: number) => Promise<unknown> | undefined = () => undefined) =>
    activity.untilAbandoned(async (ms) => {
      time.at += ms;
      await onSecond(time.at / 1_000);
    });
  return { dataDir, time, untilAbandoned };
}

test('engines without a parent end when nobody has called them for 10 minutes, and no second sooner', async () => {
  const { time, untilAbandoned } = await tracked();
  expect(await untilAbandoned()).toBe('nobody has called for 10 minutes');
  expect(time.at).toBe(600_000);
});

test('whoever calls keeps them', async () => {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const { time, untilAbandoned } = await tracked();
  await untilAbandoned((second) =>
    second === 599 ? fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text()) : undefined,
  );
  expect(time.at).toBe(1_199_000);
});

test.each([
  ['gone', false],
  ['another one', true],
])('they end as soon as their data directory is %s', async (_what, anew) => {
  const { dataDir, time, untilAbandoned } = await tracked();
  const why = await untilAbandoned(async (second) => {
    if (second !== 3) return;
    await rename(dataDir, `${dataDir}-old`);
    if (anew) await mkdir(dataDir);
  });
  expect([why, time.at]).toEqual(['the data directory is gone', 3_000]);
});
