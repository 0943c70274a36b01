import { describe, expect, test } from '@jest/globals';
import { nothing, type CurrentState } from '../../../projections/current-state.ts';
import { createClock } from '../../../src/clock.ts';
import { createOwners } from '../../../src/slack/alerts/owners.ts';
import { RateLimitedError } from '../../../src/slack/slack-errors.ts';
import { at, idOf } from '../../support/facts.ts';
import { keptLog } from '../../support/log-lines.ts';

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
  return { time, asked, lines, directory, owners: createOwners({ lookupByEmail }, clock, log) };
}

function owned({ user = null, email = null }: { user?: string | null; email?: string | null }): CurrentState {
  return {
    ...nothing('payroll'),
    registration: {
      ...{ at: at('10:00:00.000'), id: idOf(1), service_name: 'billing', job_name: 'close-day' },
      ...{ owner_email: email, alert_user_id: user, heartbeat_timeout_minutes: null },
    },
  };
}
const saris = owned({ email: 'sari@example.com' });

describe('the owner of a job', () => {
  test('is who its registration names, and Slack is not asked', async () => {
    const { owners, asked } = start({ 'sari@example.com': 'U0SARI' });
    expect(await owners.of(owned({ user: 'U0BUDI', email: 'sari@example.com' }))).toBe('U0BUDI');
    expect(asked).toEqual([]);
  });

  test('is nobody for a job that nobody registered, or that names nobody', async () => {
    const { owners, asked } = start({});
    expect([await owners.of(undefined), await owners.of(nothing('x')), await owners.of(owned({}))]).toEqual([
      null,
      null,
      null,
    ]);
    expect(asked).toEqual([]);
  });

  test('found by address is believed for an hour of real time', async () => {
    const { owners, asked, time, directory } = start({ 'sari@example.com': 'U0SARI' });
    expect(await owners.of(saris)).toBe('U0SARI');
    directory['sari@example.com'] = 'U0SARI2';
    time.at += hour;
    expect(await owners.of(saris)).toBe('U0SARI');
    expect(asked).toHaveLength(1);
    time.at += 1;
    expect(await owners.of(saris)).toBe('U0SARI2');
    expect(asked).toHaveLength(2);
  });

  test('whom Slack does not know is asked for again after five minutes', async () => {
    const { owners, asked, time, directory } = start({});
    expect(await owners.of(saris)).toBeNull();
    directory['sari@example.com'] = 'U0SARI';
    time.at += 300_000;
    expect(await owners.of(saris)).toBeNull();
    expect(asked).toHaveLength(1);
    time.at += 1;
    expect(await owners.of(saris)).toBe('U0SARI');
  });

  test('is asked for once by a hundred jobs that fail together', async () => {
    const { owners, asked } = start({ 'sari@example.com': 'U0SARI', 'budi@example.com': 'U0BUDI' });
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        owners.of(n % 2 === 0 ? saris : owned({ email: 'budi@example.com' })),
      ),
    );
    expect(found.slice(0, 3)).toEqual(['U0SARI', 'U0BUDI', 'U0SARI']);
    expect(new Set(found).size).toBe(2);
    expect(asked).toEqual(['sari@example.com', 'budi@example.com']);
  });

  test('is nobody when Slack does not say, which is logged and not remembered', async () => {
    const { owners, asked, lines, directory } = start({
      'sari@example.com': new RateLimitedError('users.lookupByEmail', 30_000),
    });
    expect(await Promise.all([owners.of(saris), owners.of(saris)])).toEqual([null, null]);
    expect(asked).toHaveLength(1);
    expect(lines[0]).toMatchObject({ msg: 'the owner could not be looked up', scheduler_id: 'payroll' });
    directory['sari@example.com'] = 'U0SARI';
    expect(await owners.of(saris)).toBe('U0SARI');
  });
});
