import { expect, test } from '@jest/globals';
import { endReport, registrationOf, runningReport } from '../../../src/job/reports/reports.ts';

const job = { scheduler_id: 'a:b', service_name: 'a', job_name: 'b' };
const told = { job, host: 'h1', command: 'close.sh', eventId: '00000000-0000-4000-8000-000000000001' };
const at = Date.parse('2026-11-24T00:00:00.000Z');
const error = 'exit code 3\ndisk full';

test('a job that runs is told with its host and the name of its command', () => {
  expect(runningReport(told, at)).toEqual({
    ...job,
    status: 'running',
    timestamp: '2026-11-24T00:00:00.000Z',
    event_id: '00000000-0000-4000-8000-000000000001',
    metadata: { runner: 'ronda run', host: 'h1', command: 'close.sh' },
  });
});

test('exit code 0 is completed, without an error', () => {
  expect(endReport(told, { how: 'exited', code: 0 }, { from: at, at: at + 1_500, error })).toEqual({
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
  expect(endReport(told, { how: 'exited', code: 3 }, span)).toMatchObject({
    status: 'failed',
    error_message: error,
    metadata: { exit_code: 3 },
  });
  expect(endReport(told, { how: 'killed', signal: 'SIGKILL' }, span).metadata).toEqual({
    runner: 'ronda run',
    host: 'h1',
    command: 'close.sh',
    signal: 'SIGKILL',
  });
  const ending = { how: 'not started', code: 127, reason: 'close.sh: command not found' } as const;
  const report = endReport(told, ending, { from: undefined, at, error: ending.reason });
  expect(report).toMatchObject({ status: 'failed', metadata: { exit_code: 127 } });
  expect(report).not.toHaveProperty('execution_time_ms');
});

test('a clock that was set back while the job ran does not put its end before its beginning', () => {
  expect(endReport(told, { how: 'exited', code: 0 }, { from: at, at: at - 60_000, error })).toMatchObject({
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
