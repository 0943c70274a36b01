import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { openKeys } from './tool.ts';

const registration = (service_name: string) => ({
  scheduler_id: `job-of-${service_name}`,
  service_name,
  job_name: 'close-day',
});
const list = ['GET', '/schedulers'] as const;

describe('over HTTP', () => {
  test('a new key works at once, within its scope and its service', async () => {
    const { create, openIngress } = await openKeys();
    const call = await openIngress();
    const { key } = await create('billing', '--service', 'billing');
    expect(await call(key, 'POST', '/schedulers/register', registration('billing'))).toBe(201);
    expect(await call(key, 'POST', '/schedulers/register', registration('payments'))).toBe(403);
    expect(await call(key, ...list)).toBe(403);
    expect(await call(key, 'DELETE', '/schedulers/job-of-billing')).toBe(403);
  });

  test('a revoked key is refused by who does not know it at once, by who does within 30 s', async () => {
    const { create, keys, openIngress, setTime } = await openKeys();
    const [knowing, other] = [await openIngress(), await openIngress()];
    const { key } = await create('billing', '--scope', 'read');
    expect(await knowing(key, ...list)).toBe(200);
    await keys(['revoke', 'billing', '--yes']);
    expect(await other(key, ...list)).toBe(401);
    setTime('2026-11-23T12:00:30.001Z');
    expect(await knowing(key, ...list)).toBe(401);
  });

  test('both keys of a rotation work to the last millisecond of the grace time, then the new one alone', async () => {
    const { create, rotate, openIngress, setTime } = await openKeys();
    const call = await openIngress();
    const old = await create('billing', '--scope', 'read');
    expect(await call(old.key, ...list)).toBe(200);
    const next = await rotate('billing', '--grace', '7d');
    const statuses = async () => [await call(old.key, ...list), await call(next.key, ...list)];
    expect(await statuses()).toEqual([200, 200]);
    setTime('2026-11-30T11:59:59.999Z');
    expect(await statuses()).toEqual([200, 200]);
    setTime('2026-11-30T12:00:00.000Z');
    expect(await statuses()).toEqual([401, 200]);
  });

  test('without a grace time the old key ends as a revoked one does', async () => {
    const { create, rotate, openIngress } = await openKeys();
    const old = await create('billing', '--scope', 'read');
    const next = await rotate('billing', '--grace', '0');
    const call = await openIngress();
    expect([await call(old.key, ...list), await call(next.key, ...list)]).toEqual([401, 200]);
  });

  test('a use is listed', async () => {
    const { create, keys, openIngress, setTime } = await openKeys();
    const call = await openIngress();
    const { key } = await create('billing', '--scope', 'read');
    setTime('2026-11-23T12:20:00.000Z');
    expect(await call(key, ...list)).toBe(200);
    await until('the last use is listed', async () =>
      (await keys(['list'])).out.includes(' 2026-11-23 12:20'),
    );
    const { asked } = await keys(['revoke', 'billing']);
    expect(asked[0]).toMatch(/, last used 2026-11-23 12:20 UTC\?$/);
  });
});
