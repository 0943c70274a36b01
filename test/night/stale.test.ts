import { describe, expect, test } from '@jest/globals';
import { fold } from '../../projections/current-state.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { staleJobOf, staleJobsOf, type StaleRule } from '../../src/night/stale.ts';
import { at, heartbeat, idOf, recorded, removal } from '../support/events.ts';
import { completed, failed, ms, night, pending, registered, row, running } from './fixtures.ts';

const tenMinutes = 600_000;
const begun = running('18:00:00.000');
const beat = (time: string) => heartbeat({ occurred_at: at(time), event_id: idOf(7) });

function rule(judgedAt: string | null, changes: Partial<StaleRule> = {}): StaleRule {
  return {
    judgedAt: judgedAt === null ? null : ms(judgedAt),
    coveredSince: ms('12:00:00.000'),
    defaultTimeoutMs: tenMinutes,
    night,
    ...changes,
  };
}

function isStale(events: RondaEvent[], judgedAt: string | null, changes: Partial<StaleRule> = {}): boolean {
  return staleJobOf(row('payroll', ...events), rule(judgedAt, changes)) !== null;
}

describe('a running job', () => {
  test.each([
    ['18:09:59.999', false],
    ['18:10:00.000', false],
    ['18:10:00.001', true],
    ['18:50:00.000', true],
  ])('that began at 18:00 and sent nothing since is stale at %s: %s', (judgedAt, expected) => {
    expect(isStale([begun], judgedAt)).toBe(expected);
  });

  test('is stale a time-out after its last heartbeat, by which that is named', () => {
    const alive = row('payroll', begun, beat('18:05:00.000'));
    expect(staleJobOf(alive, rule('18:15:00.000'))).toBeNull();
    expect(staleJobOf(alive, rule('18:15:00.001'))).toEqual({
      lastSign: { at: at('18:05:00.000'), id: idOf(7) },
      timeoutMs: 600_000,
      since: ms('18:15:00.000'),
    });
  });

  test('whose report came late counts from when it was accepted', () => {
    const late = recorded(running('18:40:00.000'), { accepted_at: at('19:20:00.000') });
    const heard = fold('payroll', [late]);
    expect(staleJobOf(heard, rule('19:25:00.000'))).toBeNull();
    expect(staleJobOf(heard, rule('19:30:00.000'))).toBeNull();
    expect(staleJobOf(heard, rule('19:30:00.001'))).toMatchObject({ since: ms('19:30:00.000') });
  });

  test('that sends no heartbeats, by its registration, is never stale', () => {
    expect(isStale([registered({ heartbeat_timeout_minutes: 0 }), begun], '23:00:00.000')).toBe(false);
  });

  test('is not judged past the events of its own that wait to be applied', () => {
    const waiting = (time: string) => ({ unapplied: new Map([['payroll', at(time)]]) });
    expect(isStale([begun], '18:30:00.000', waiting('18:10:00.000'))).toBe(false);
    expect(isStale([begun], '18:30:00.000', waiting('18:10:00.001'))).toBe(true);
    expect(isStale([begun], '18:30:00.000', { unapplied: new Map([['other', at('18:00:00.000')]]) })).toBe(
      true,
    );
  });

  test('is judged by its own time-out where its registration names one', () => {
    const patient = [registered({ heartbeat_timeout_minutes: 45 }), begun];
    expect(isStale(patient, '18:45:00.000')).toBe(false);
    expect(isStale(patient, '18:45:00.001')).toBe(true);
    const strict = row('payroll', registered({ heartbeat_timeout_minutes: 1 }), begun);
    expect(staleJobOf(strict, rule('18:01:00.001'))?.timeoutMs).toBe(60_000);
  });

  test('is judged whether it is registered or not, until it is removed', () => {
    expect(isStale([registered(), begun], '18:30:00.000')).toBe(true);
    const gone = [registered(), begun, removal({ occurred_at: at('18:20:00.000'), event_id: idOf(8) })];
    expect(isStale(gone, '18:30:00.000')).toBe(false);
  });

  test('is not stale while its last sign lies ahead', () => {
    expect(isStale([begun, beat('18:35:00.000')], '18:30:00.000')).toBe(false);
  });

  test.each([
    ['pending', [begun, pending('18:01:00.000')]],
    ['completed', [begun, completed('18:01:00.000')]],
    ['failed', [begun, failed('18:01:00.000')]],
    ['only heard', [beat('18:01:00.000')]],
    ['only registered', [registered()]],
  ])('is what is judged, not one that is %s', (_what, events) => {
    expect(isStale(events, '18:30:00.000')).toBe(false);
  });
});

describe('a time without coverage', () => {
  test('proves nothing: without a watermark nobody is stale', () => {
    expect(isStale([begun], null)).toBe(false);
  });

  test('proves nothing: a time-out starts again when coverage does', () => {
    const coveredSince = ms('18:30:00.000');
    expect(isStale([begun], '18:40:00.000', { coveredSince })).toBe(false);
    expect(isStale([begun], '18:40:00.001', { coveredSince })).toBe(true);
  });

  test('matters no more once the job gave a sign of life after it', () => {
    const coveredSince = ms('18:30:00.000');
    const alive = [begun, beat('18:35:00.000')];
    expect(isStale(alive, '18:45:00.000', { coveredSince })).toBe(false);
    expect(isStale(alive, '18:45:00.001', { coveredSince })).toBe(true);
  });
});

describe('the window', () => {
  // It opens at 17:00 and closes at 23:00 UTC.
  test('is what stale jobs are judged in: one of the evening is found when it opens', () => {
    const dead = [running('16:00:00.000')];
    expect(isStale(dead, '16:59:59.999')).toBe(false);
    expect(isStale(dead, '17:00:00.000')).toBe(true);
  });

  test('finds a job that died nights ago', () => {
    const dead = [{ ...begun, occurred_at: '2099-11-20T18:00:00.000Z' }];
    const coveredSince = Date.parse('2099-11-19T00:00:00.000Z');
    expect(isStale(dead, '17:00:00.000', { coveredSince })).toBe(true);
    expect(isStale(dead, '17:09:00.000', { coveredSince: ms('17:00:00.000') })).toBe(false);
  });

  test.each([
    ['22:49:59.999', true],
    ['22:50:00.000', false],
    ['22:59:00.000', false],
  ])('ends at 23:00: a job with its last sign at %s is stale then and afterwards: %s', (time, expected) => {
    expect(isStale([running(time)], '23:00:00.000')).toBe(expected);
    expect(isStale([running(time)], '23:59:00.000')).toBe(expected);
  });

  test('leaves a verdict standing until the job gives a sign of life', () => {
    expect(isStale([begun, beat('23:30:00.000')], '23:59:00.000')).toBe(false);
  });
});

test('the stale jobs among many are found by id', () => {
  const rows = [
    row('dead', running('18:00:00.000')),
    row('alive', running('18:00:00.000'), beat('18:25:00.000')),
    row('done', running('18:00:00.000'), completed('18:01:00.000')),
  ];
  const staleJobs = staleJobsOf(rows, rule('18:30:00.000'));
  expect([...staleJobs.keys()]).toEqual(['dead']);
  expect(staleJobs.get('dead')?.lastSign).toEqual({ at: at('18:00:00.000'), id: idOf(1) });
});
