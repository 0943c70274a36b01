import { describe, expect, test } from '@jest/globals';
import { notesOf } from '../../src/board/notes.ts';
import { verdicts } from '../../src/night/verdicts.ts';
import { cell, due, wib } from '../transports/slack/render/samples.ts';

const utc = (time: string): string => new Date(wib(time)).toISOString();

describe('the notes of a line', () => {
  test('say of an error the line that tells the cause, at most 60 characters', () => {
    const error = `Traceback (most recent call last):\n  File "job.py", line 3\nValueError: ${'x'.repeat(60)}`;
    expect(notesOf(cell({ state: 'failed', error }))).toEqual([`ValueError: ${'x'.repeat(47)}…`]);
  });

  test('name two of what a job waits for, and count the others', () => {
    const notes = (...waitingFor: string[]) => notesOf(cell({ due: due({ waitingFor }) }));
    expect(notes('ledger')).toEqual([`waits for ledger, due ${utc('01:00')}`]);
    expect(notes('ledger', 'fx')).toEqual([`waits for ledger and fx, due ${utc('01:00')}`]);
    expect(notes('ledger', 'fx', 'tax', 'x')).toEqual([
      `waits for ledger, fx and 2 more, due ${utc('01:00')}`,
    ]);
  });

  test('say of each verdict what a reader has to know', () => {
    const finishBy = wib('02:30');
    const notes = Object.fromEntries(
      verdicts.map((verdict) => [
        verdict,
        notesOf(cell({ due: due({ verdict, finishBy, excuse: 'Idul Fitri' }) })),
      ]),
    );
    expect(notes).toEqual({
      completed: [],
      running: [`due until ${utc('02:30')}`],
      waiting: [`due ${utc('01:00')} until ${utc('01:15')}`],
      late: [`not begun by ${utc('01:15')}`],
      missed: ['never began'],
      overdue: [`not ended by ${utc('02:30')}`],
      failed: [],
      excused: ['excused: Idul Fitri'],
      unknown: [`due ${utc('01:00')}, not known yet what became of it`],
    });
    expect(notesOf(cell({ due: due({ verdict: 'missed', waitingFor: ['ledger'] }) }))).toEqual([
      'never began, waited for ledger',
    ]);
  });

  test('say flags in words', () => {
    const flags = ['too_short', 'too_long', 'unmet'] as const;
    expect(notesOf(cell({ state: 'completed', due: due({ verdict: 'completed', flags }) }))).toEqual([
      'took less time than expected',
      'took longer than expected',
      'result is not as expected',
    ]);
    expect(
      notesOf(cell({ state: 'running', due: due({ verdict: 'running', flags: ['too_long'] }) })),
    ).toEqual(['takes longer than expected']);
  });

  test('name a run of another day', () => {
    expect(notesOf(cell({ due: due({ verdict: 'late', otherRun: true }) }))).toEqual([
      `not begun by ${utc('01:15')}`,
      'a run of another day',
    ]);
  });
});
