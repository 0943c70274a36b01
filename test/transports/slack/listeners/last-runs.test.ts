import { describe, expect, test } from '@jest/globals';
import type { HistoryEntry } from '../../../../projections/history.ts';
import { lastRuns } from '../../../../src/transports/slack/listeners/last-runs.ts';
import { at, idOf } from '../../../support/events.ts';

let made = 0;
function entry(
  status: HistoryEntry['status'],
  time: string,
  fields: Partial<HistoryEntry> = {},
): HistoryEntry {
  made += 1;
  return {
    scheduler_id: 'payroll',
    id: idOf(made),
    status,
    timestamp: at(time),
    execution_time_ms: null,
    error_message: null,
    metadata: null,
    run_id: null,
    business_date: null,
    ...fields,
  };
}
const ms = (time: string): number => Date.parse(at(time));

describe('the last runs', () => {
  test('are the ends, newest first, each as long as the service says or since it last ran', () => {
    const entries = [
      entry('failed', '18:00:00.000', { error_message: 'disk full' }),
      entry('running', '17:50:00.000'),
      entry('completed', '17:40:00.000', { execution_time_ms: 1_234 }),
      entry('running', '17:30:00.000'),
      entry('completed', '17:00:00.000'),
    ];
    expect(lastRuns(entries, 10)).toMatchObject([
      { status: 'failed', at: ms('18:00:00.000'), duration: 600_000, error: 'disk full' },
      { status: 'completed', at: ms('17:40:00.000'), duration: 1_234, error: null },
      { status: 'completed', at: ms('17:00:00.000'), duration: null, error: null },
    ]);
  });

  test('begin with the run that goes on', () => {
    expect(lastRuns([entry('running', '18:00:00.000'), entry('failed', '17:00:00.000')], 10)).toMatchObject([
      { status: 'running', at: ms('18:00:00.000'), duration: null, error: null },
      { status: 'failed', at: ms('17:00:00.000'), duration: null, error: null },
    ]);
  });

  test('do not count what was put back to pending', () => {
    const entries = [
      entry('completed', '18:00:00.000'),
      entry('pending', '17:50:00.000'),
      entry('running', '17:00:00.000'),
    ];
    expect(lastRuns(entries, 10)).toMatchObject([
      { status: 'completed', at: ms('18:00:00.000'), duration: null, error: null },
    ]);
  });

  test('are no more than asked for, and none of nothing', () => {
    const entries = ['17:01', '17:02', '17:03'].map((time) => entry('completed', `${time}:00.000`));
    expect(lastRuns(entries, 2).map((run) => run.at)).toEqual([ms('17:03:00.000'), ms('17:02:00.000')]);
    expect(lastRuns([], 2)).toEqual([]);
  });
});
