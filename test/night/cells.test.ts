import { describe, expect, test } from '@jest/globals';
import type { RondaEvent } from '../../src/events/event.ts';
import { acknowledgement, at, heartbeat, idOf, snooze } from '../support/events.ts';
import { cell, completed, failed, ms, pending, registered, running } from './fixtures.ts';

describe('since and duration', () => {
  const of = (events: RondaEvent[]) => {
    const { since, duration } = cell(events) ?? {};
    return [since, duration];
  };

  test('of a completed job are its end and the time since it began', () => {
    expect(of([running('17:10:00.000'), completed('17:30:00.500')])).toEqual([ms('17:30:00.500'), 1_200_500]);
  });

  test('of a run across the start of the night counts from its beginning', () => {
    expect(of([running('16:59:00.000'), completed('17:01:00.000')])).toEqual([ms('17:01:00.000'), 120_000]);
  });

  test('count from the last beginning where there are several', () => {
    expect(of([running('17:10:00.000'), running('17:20:00.000'), completed('17:30:00.000')])).toEqual([
      ms('17:30:00.000'),
      600_000,
    ]);
  });

  test('take the time that the service measured, even zero', () => {
    const measured = { ...completed('17:30:00.000'), execution_time_ms: 1_500.5 };
    expect(of([running('17:10:00.000'), measured])).toEqual([ms('17:30:00.000'), 1_500.5]);
    expect(of([running('17:10:00.000'), { ...measured, execution_time_ms: 0 }])).toEqual([
      ms('17:30:00.000'),
      0,
    ]);
  });

  test('know no duration of an end whose beginning was never reported', () => {
    expect(of([completed('17:30:00.000')])).toEqual([ms('17:30:00.000'), null]);
  });

  test.each([
    ['had ended otherwise', [running('17:10:00.000'), failed('17:20:00.000'), completed('22:00:00.000')]],
    [
      'had ended at its own instant',
      [running('17:10:00.000'), failed('17:10:00.000'), completed('22:00:00.000')],
    ],
    [
      'was put back to pending',
      [running('17:10:00.000'), pending('17:20:00.000'), completed('22:00:00.000')],
    ],
  ])('use no beginning of a run that %s', (_what, events) => {
    expect(of(events)).toEqual([ms('22:00:00.000'), null]);
  });

  test('use a beginning at the same instant as a pending, or as the end', () => {
    expect(of([pending('17:10:00.000'), running('17:10:00.000'), completed('17:11:00.000')])[1]).toBe(60_000);
    expect(of([running('17:10:00.000'), completed('17:10:00.000')])[1]).toBe(0);
  });

  test('of a running job are its beginning and the time until now', () => {
    expect(of([running('18:30:00.000')])).toEqual([ms('18:30:00.000'), 1_800_000]);
  });

  test('of a job whose clock is ahead are never negative', () => {
    expect(of([running('19:05:00.000')])).toEqual([ms('19:05:00.000'), 0]);
  });

  test('of a pending job are not known', () => {
    expect(of([pending('17:30:00.000')])).toEqual([null, null]);
  });
});

describe('what else a cell says', () => {
  test('the whole cell of a failed job', () => {
    const events = [
      registered({ service_name: 'ledger', job_name: 'balance' }),
      running('17:10:00.000'),
      failed('17:30:00.000'),
      acknowledgement({ occurred_at: at('17:40:00.000'), failure_event_id: idOf(3), by: 'sari' }),
      snooze({ occurred_at: at('17:41:00.000'), until: at('19:00:00.001'), by: 'budi' }),
    ];
    expect(cell(events)).toEqual({
      scheduler_id: 'payroll',
      service_name: 'ledger',
      job_name: 'balance',
      state: 'failed',
      since: ms('17:30:00.000'),
      duration: 1_200_000,
      error: 'disk full',
      heartbeat: null,
      registered: true,
      acknowledgedBy: 'sari',
      snoozed: { until: ms('19:00:00.001'), by: 'budi' },
      due: null,
    });
  });

  test('the whole cell of a running job that is not registered', () => {
    const events = [
      running('17:10:00.000'),
      heartbeat({ occurred_at: at('18:20:00.000'), event_id: idOf(5) }),
    ];
    expect(cell(events)).toEqual({
      scheduler_id: 'payroll',
      service_name: 'billing',
      job_name: 'close-day',
      state: 'running',
      since: ms('17:10:00.000'),
      duration: 6_600_000,
      error: null,
      heartbeat: ms('18:20:00.000'),
      registered: false,
      acknowledgedBy: null,
      snoozed: null,
      due: null,
    });
  });

  test('a running job without heartbeats is stale; that alone changes no other state', () => {
    const staleIds = new Set(['payroll']);
    expect(cell([running('17:10:00.000')], { staleIds })).toMatchObject({
      state: 'stale',
      since: ms('17:10:00.000'),
      duration: 6_600_000,
      heartbeat: ms('17:10:00.000'),
    });
    expect(cell([completed('17:10:00.000')], { staleIds })?.state).toBe('completed');
    expect(cell([registered()], { staleIds })?.state).toBe('pending');
  });

  test('the acknowledgement of an earlier failure is not shown', () => {
    const events = [failed('17:30:00.000'), acknowledgement({ failure_event_id: idOf(1) })];
    expect(cell(events)?.acknowledgedBy).toBeNull();
  });

  test('an error and its acknowledgement are gone when the job runs again', () => {
    const events = [
      failed('17:30:00.000'),
      acknowledgement({ failure_event_id: idOf(3) }),
      running('17:40:00.000'),
    ];
    expect(cell(events)).toMatchObject({ state: 'running', error: null, acknowledgedBy: null });
  });

  test('a completed job shows no error, whatever its last failure said', () => {
    const odd = { ...completed('17:50:00.000'), error_message: 'all fine' };
    expect(cell([failed('17:30:00.000'), odd])).toMatchObject({ error: null, heartbeat: null });
  });

  test.each([
    [at('19:00:00.000'), null],
    [at('19:00:00.001'), { until: ms('19:00:00.001'), by: 'sari' }],
  ])('a snooze until %s shows as %j at 19:00', (until, shown) => {
    expect(cell([registered(), snooze({ until })])?.snoozed).toEqual(shown);
  });
});
