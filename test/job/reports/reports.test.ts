import { expect, test } from '@jest/globals';
import {
  endingText,
  endReport,
  isReport,
  registrationOf,
  runningReport,
} from '../../../src/job/reports/reports.ts';

const job = { scheduler_id: 'a:b', service_name: 'a', job_name: 'b' };
const common = { job, host: 'h1', command: 'close.sh', eventId: '00000000-0000-4000-8000-000000000001' };
const at = Date.parse('2026-11-24T00:00:00.000Z');
const error = 'exit code 3\ndisk full';

test('a job that runs is reported with its host and the name of its command', () => {
  expect(runningReport(common, at)).toEqual({
    ...job,
    status: 'running',
    timestamp: '2026-11-24T00:00:00.000Z',
    event_id: '00000000-0000-4000-8000-000000000001',
    metadata: { runner: 'ronda run', host: 'h1', command: 'close.sh' },
  });
});

test('exit code 0 is completed, without an error', () => {
  expect(endReport(common, { how: 'exited', code: 0 }, { from: at, at: at + 1_500, error })).toEqual({
    ...job,
    status: 'completed',
    timestamp: '2026-11-24T00:00:01.500Z',
    event_id: '00000000-0000-4000-8000-000000000001',
    execution_time_ms: 1_500,
    metadata: { runner: 'ronda run', host: 'h1', command: 'close.sh', exit_code: 0 },
  });
});

test('any other exit code, a signal, and no start are failed, each with what is known', () => {
  const span = { from: at, at: at + 2, error };
  expect(endReport(common, { how: 'exited', code: 3 }, span)).toMatchObject({
    status: 'failed',
    error_message: error,
    metadata: { exit_code: 3 },
  });
  expect(endReport(common, { how: 'killed', signal: 'SIGKILL' }, span).metadata).toEqual({
    runner: 'ronda run',
    host: 'h1',
    command: 'close.sh',
    signal: 'SIGKILL',
  });
  const ending = { how: 'not started', code: 127, reason: 'close.sh: command not found' } as const;
  const report = endReport(common, ending, { from: undefined, at, error: ending.reason });
  expect(report).toMatchObject({ status: 'failed', metadata: { exit_code: 127 } });
  expect(report).not.toHaveProperty('execution_time_ms');
});

test('a clock that was set back while the job ran does not put its end before its beginning', () => {
  expect(endReport(common, { how: 'exited', code: 0 }, { from: at, at: at - 60_000, error })).toMatchObject({
    timestamp: '2026-11-24T00:00:00.000Z',
    execution_time_ms: 0,
  });
});

test.each([
  [60_000, undefined],
  [200_000, undefined],
  [200_001, 11],
  [3_600_000, 180],
  [0, 1_440],
])('with a heartbeat every %d ms it is registered with a time-out of %p minutes', (ms, minutes) => {
  expect(registrationOf(job, ms)).toEqual(
    minutes === undefined ? job : { ...job, heartbeat_timeout_minutes: minutes },
  );
});

test.each([
  [{ how: 'exited', code: 3 }, 'exit code 3'],
  [{ how: 'exited', code: 137 }, 'exit code 137 (SIGKILL)'],
  [{ how: 'exited', code: 1, lost: 'ENOSPC' }, 'exit code 0, but its output could not be written: ENOSPC'],
  [{ how: 'killed', signal: 'SIGTERM' }, 'killed by SIGTERM'],
] as const)('%j is reported as %p', (ending, text) => {
  expect(endingText(ending, false)).toBe(text);
});

test('a report that comes out of a file is known again, and what is none is not', () => {
  const report = endReport(common, { how: 'exited', code: 3 }, { from: at, at: at + 1, error });
  expect(isReport(JSON.parse(JSON.stringify(report)))).toBe(true);
  for (const changes of [{ status: 'done' }, { timestamp: 'now' }, { event_id: 7 }, { metadata: null }])
    expect(isReport({ ...report, ...changes })).toBe(false);
  for (const value of [null, 'text', [], {}]) expect(isReport(value)).toBe(false);
});
