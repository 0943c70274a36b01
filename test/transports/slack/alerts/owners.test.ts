import { describe, expect, test } from '@jest/globals';
import type { Alert } from '../../../../src/alerts/alert.ts';
import { createClock } from '../../../../src/clock.ts';
import { createOwners } from '../../../../src/transports/slack/alerts/owners.ts';
import { RateLimitedError } from '../../../../src/transports/slack/slack-errors.ts';
import { keptLog } from '../../../support/log-lines.ts';

const hour = 3_600_000;

/** Owners whose addresses a directory of the test's own knows, at a real time that the test moves. */
function start(directory: Record<string, string | Error>) {
  const time = { at: 1_000_000 };
  // Ronda's time stands nearly still meanwhile: what is remembered must not be reckoned in it.
  const clock = createClock({ start: 0, speed: 0.001 }, () => time.at);
  const { log, lines } = keptLog('warn');
  const asked: string[] = [];
  const lookupByEmail = async (email: string): Promise<string | null> => {
    asked.push(email);
    await Promise.resolve();
    const found = directory[email];
    if (found instanceof Error) throw found;
    return found ?? null;
  };
  const owners = createOwners({ lookupByEmail }, clock, log);
  /** Whom a job calls: `unknown` where that is to be asked for again. */
  const of = async (owner: Owned, sender: string | null = null): Promise<string | null> => {
    const job = { owner, sender, service_name: 'billing', scheduler_id: 'payroll' };
    const { mention, owner_unknown } = await owners.of(job);
    return owner_unknown ? 'unknown' : mention;
  };
  return { time, asked, lines, directory, of };
}

type Owned = Alert['owner'];

function owned({ user = null, email = null }: { user?: string | null; email?: string | null }): Owned {
  return { slack_user_id: user, email };
}
const saris = owned({ email: 'sari@example.com' });

describe('the owner of a job', () => {
  test('is who its registration names, and Slack is not asked', async () => {
    const { of, asked } = start({ 'sari@example.com': 'U0SARI' });
    expect(await of(owned({ user: 'U0BUDI', email: 'sari@example.com' }))).toBe('U0BUDI');
    expect(asked).toEqual([]);
  });

  test('is nobody for a job that names nobody', async () => {
    const { of, asked } = start({});
    expect(await of(owned({}))).toBeNull();
    expect(asked).toEqual([]);
  });

  test('found by address is believed for an hour of real time', async () => {
    const { of, asked, time, directory } = start({ 'sari@example.com': 'U0SARI' });
    expect(await of(saris)).toBe('U0SARI');
    directory['sari@example.com'] = 'U0SARI2';
    time.at += hour;
    expect(await of(saris)).toBe('U0SARI');
    expect(asked).toHaveLength(1);
    time.at += 1;
    expect(await of(saris)).toBe('U0SARI2');
    expect(asked).toHaveLength(2);
  });

  test('whom Slack does not know is asked for again after five minutes', async () => {
    const { of, asked, time, directory } = start({});
    expect(await of(saris)).toBeNull();
    directory['sari@example.com'] = 'U0SARI';
    time.at += 300_000;
    expect(await of(saris)).toBeNull();
    expect(asked).toHaveLength(1);
    time.at += 1;
    expect(await of(saris)).toBe('U0SARI');
  });

  test('is asked for once by a hundred jobs that fail together', async () => {
    const { of, asked } = start({ 'sari@example.com': 'U0SARI', 'budi@example.com': 'U0BUDI' });
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, n) => of(n % 2 === 0 ? saris : owned({ email: 'budi@example.com' }))),
    );
    expect(found.slice(0, 3)).toEqual(['U0SARI', 'U0BUDI', 'U0SARI']);
    expect(new Set(found).size).toBe(2);
    expect(asked).toEqual(['sari@example.com', 'budi@example.com']);
  });

  test('is asked for again, never taken for nobody, when Slack does not say', async () => {
    const { of, asked, lines, directory } = start({
      'sari@example.com': new RateLimitedError('users.lookupByEmail', 30_000),
    });
    expect(await Promise.all([of(saris), of(saris)])).toEqual(['unknown', 'unknown']);
    expect(asked).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      msg: 'the owner could not be looked up: tried again',
      scheduler_id: 'payroll',
    });
    directory['sari@example.com'] = 'U0SARI';
    expect(await of(saris)).toBe('U0SARI');
  });

  test('is asked for at most twenty times a minute for one sender, who uses up nobody else’s', async () => {
    const { of, asked, time } = start({ 'sari@example.com': 'U0SARI' });
    const invented = (n: number) => owned({ email: `invented-${n}@example.com` });
    for (let n = 1; n <= 20; n += 1) expect(await of(invented(n), 'noisy')).toBeNull();
    expect(await of(invented(21), 'noisy')).toBe('unknown');
    expect(asked).toHaveLength(20);
    expect(await of(saris, 'quiet')).toBe('U0SARI');
    // Whom Slack has named already costs no look-up.
    expect(await of(saris, 'noisy')).toBe('U0SARI');
    time.at += 60_001;
    expect(await of(invented(21), 'noisy')).toBeNull();
  });

  test('is counted by its service where no sender is known', async () => {
    const { of } = start({});
    for (let n = 1; n <= 20; n += 1) await of(owned({ email: `invented-${n}@example.com` }));
    expect(await of(owned({ email: 'invented-21@example.com' }))).toBe('unknown');
  });
});
