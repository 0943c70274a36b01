import { describe, expect, test } from '@jest/globals';
import type { Cell } from '../../../../src/night/board.ts';
import { renderHome } from '../../../../src/transports/slack/render/home.ts';
import { boardHash, renderBoard, renderBoardAnswer } from '../../../../src/transports/slack/render/board.ts';
import { boardOfCells, cell, due, footers, refusals, tableRows, texts, wib, zone } from './samples.ts';

const options = { name: 'eod', context: [], table: 'table', zone } as const;

const night: readonly Cell[] = [
  cell({ state: 'failed', since: wib('01:10'), duration: 240_000, error: 'ORA-01555: too old\nat x' }),
  cell({
    service_name: 'ledger',
    state: 'stale',
    since: wib('00:30'),
    duration: 5_400_000,
    heartbeat: wib('01:20'),
  }),
  cell({
    service_name: 'payroll',
    state: 'running',
    since: wib('23:10', '2026-11-22'),
    duration: 10_200_000,
  }),
  cell({ service_name: 'fraud', registered: false }),
  cell({ service_name: 'stock', state: 'completed', since: wib('00:48'), duration: 2_100_000 }),
];

describe('a board', () => {
  test('has a title, the counts, a table and when it was updated', () => {
    const { main, parts } = renderBoard(boardOfCells(night), options);
    expect(parts).toEqual([]);
    expect(texts(main.blocks)).toEqual([
      'Night watch · Monday 23 November 2026 (Asia/Jakarta)',
      '❌ 1 failed · ⚠ 1 stale · 🟡 1 running · ⬜ 1 pending · ✅ 1 completed',
    ]);
    expect(tableRows(main.blocks)).toEqual([
      ['❌ failed', 'close-day', 'ended 01:10 (took 4 min)', 'ORA-01555: too old', 'billing'],
      ['⚠ stale', 'close-day', 'since 00:30 (1 h 30 min)', 'last heartbeat 01:20', 'ledger'],
      ['🟡 running', 'close-day', 'since 22 Nov 23:10 (2 h 50 min)', '–', 'payroll'],
      ['⬜ pending', 'close-day', '–', 'not registered', 'fraud'],
      ['✅ completed', 'close-day', 'ended 00:48 (took 35 min)', '–', 'stock'],
    ]);
    expect(footers(main.blocks)).toEqual(['updated 02:00 WIB']);
    expect(main.text).toBe(
      'Night of 23 November 2026, 02:00 WIB: 1 failed, 1 stale, 1 running, 1 pending, 1 completed. ' +
        'Failed: billing / close-day. Stale: ledger / close-day.',
    );
  });

  test('says the same in lines where Slack refuses the table', () => {
    const { main } = renderBoard(boardOfCells(night), options);
    expect(
      texts(main.plainBlocks ?? [])
        .at(2)
        ?.split('\n'),
    ).toEqual([
      '❌ failed · billing / close-day · ended 01:10 (took 4 min) · ORA-01555: too old',
      '⚠ stale · ledger / close-day · since 00:30 (1 h 30 min) · last heartbeat 01:20',
      '🟡 running · payroll / close-day · since 22 Nov 23:10 (2 h 50 min)',
      '⬜ pending · fraud / close-day · not registered',
      '✅ completed · stock / close-day · ended 00:48 (took 35 min)',
    ]);
    expect(footers(main.plainBlocks ?? [])).toEqual(['updated 02:00 WIB']);
  });

  test('names itself when it is not the one called eod, and says what makes the picture incomplete', () => {
    const context = ['data as of 01:54, 312 events queued', 'monitor was down 00:10-00:41'];
    const { main } = renderBoard(boardOfCells(night), { ...options, name: 'payments', context });
    expect(texts(main.blocks)[0]).toBe('Night watch payments · Monday 23 November 2026 (Asia/Jakarta)');
    expect(main.text).toMatch(/^payments: night of 23 November 2026, 02:00 WIB: 1 failed, /);
    expect(footers(main.blocks)).toEqual(['updated 02:00 WIB', ...context]);
  });

  test('without schedulers says how to send the first event', () => {
    const { main, parts } = renderBoard(boardOfCells([]), options);
    expect(parts).toEqual([]);
    expect(main.blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section', 'context']);
    expect(texts(main.blocks)[2]).toBe(
      'No schedulers yet. To see the first one here, register it (POST /api/v1/schedulers/register) or send ' +
        'its status to the queue.',
    );
    expect(main.text).toBe(
      'Night of 23 November 2026, 02:00 WIB: 0 failed, 0 stale, 0 running, 0 pending, 0 completed.',
    );
  });

  test('as a data table has a caption, pages of 25 and the job as the name of a row', () => {
    const { main } = renderBoard(boardOfCells(night), { ...options, table: 'data_table' });
    expect(main.blocks[2]).toMatchObject({
      type: 'data_table',
      caption: '5 jobs of the night of Monday 23 November 2026',
      page_size: 25,
      row_header_column_index: 1,
    });
    expect(tableRows(main.blocks)).toHaveLength(5);
  });

  test('gives its blocks new ids with every update', () => {
    const first = renderBoard(boardOfCells(night, 1_000), options).main;
    const second = renderBoard(boardOfCells(night, 2_000), options).main;
    expect(first.blocks.map(({ block_id }) => block_id)).toEqual([
      'board-1000-0',
      'board-1000-1',
      'board-1000-2',
      'board-1000-3',
    ]);
    expect(second.blocks[0]?.block_id).toBe('board-2000-0');
  });

  test('that is too long goes on in parts that say which rows they carry', () => {
    const cells = Array.from({ length: 350 }, (_, n) =>
      cell({ job_name: `job-${n}`, state: n < 60 ? 'failed' : n < 100 ? 'stale' : 'completed' }),
    );
    const { main, parts } = renderBoard(boardOfCells(cells), options);
    const shown = tableRows(main.blocks).length;
    expect(shown).toBeGreaterThan(40);
    expect(texts(main.blocks)[2]).toBe(
      `The other ${350 - shown} of 350 are in the thread: ${60 - shown} failed, 40 stale, 250 completed.`,
    );
    let next = shown + 1;
    for (const part of parts) {
      const last = next + tableRows(part.blocks).length - 1;
      expect(texts(part.blocks)).toEqual([`Rows ${next}-${last} of 350 · Monday 23 November 2026`]);
      expect(part.text).toBe(`Night of 23 November 2026, rows ${next}-${last} of 350`);
      next = last + 1;
    }
    expect(next).toBe(351);
  });

  test('of 200 jobs holds what needs a person in its first message, and counts of the rest', () => {
    const cells = Array.from({ length: 200 }, (_, n) =>
      cell({
        job_name: `job-${n}`,
        state: n < 2 ? 'failed' : n < 3 ? 'stale' : n < 23 ? 'running' : n < 100 ? 'pending' : 'completed',
      }),
    );
    const { main } = renderBoard(boardOfCells(cells), options);
    expect(tableRows(main.blocks).map(([, job]) => job)).toEqual(['job-0', 'job-1', 'job-2']);
    expect(texts(main.blocks)[2]).toBe(
      'The other 197 of 200 are in the thread: 20 running, 77 pending, 100 completed.',
    );
  });
});

describe('a board of jobs that are due', () => {
  const late = [
    cell({ state: 'failed', since: wib('01:10'), error: 'disk full', due: due({ verdict: 'failed' }) }),
    cell({ state: 'late', since: wib('01:00'), due: due({ verdict: 'late' }) }),
    cell({ state: 'late', since: wib('00:30'), due: due({ at: wib('00:30'), verdict: 'missed' }) }),
    cell({
      ...{ state: 'late', since: wib('01:05'), duration: 3_300_000, heartbeat: wib('01:55') },
      due: due({ verdict: 'overdue', finishBy: wib('01:50'), beganAt: wib('01:05') }),
    }),
    cell({ state: 'stale', since: wib('00:30'), duration: 5_400_000, heartbeat: wib('01:20') }),
    cell({ due: due({ at: wib('02:30'), startBy: wib('02:45') }) }),
  ];
  const board = { ...boardOfCells(late), notDue: 12 };

  test('says what is late, overdue or missed behind what failed, and counts what is not due', () => {
    const { main } = renderBoard(board, options);
    expect(texts(main.blocks)[1]).toBe(
      '❌ 1 failed · ⏰ 3 late · ⚠ 1 stale · 🟡 0 running · ⬜ 1 pending · ✅ 0 completed',
    );
    expect(tableRows(main.blocks)).toEqual([
      ['❌ failed', 'close-day', 'ended 01:10', 'disk full', 'billing'],
      ['⏰ late', 'close-day', 'due 01:00', 'not begun by 01:15', 'billing'],
      ['⏰ missed', 'close-day', 'due 00:30', 'never began', 'billing'],
      [
        ...['⏰ overdue', 'close-day', 'since 01:05 (55 min)'],
        'not ended by 01:50 · last heartbeat 01:55',
        'billing',
      ],
      ['⚠ stale', 'close-day', 'since 00:30 (1 h 30 min)', 'last heartbeat 01:20', 'billing'],
      ['⬜ pending', 'close-day', '–', 'due 02:30 until 02:45', 'billing'],
    ]);
    expect(footers(main.blocks)).toEqual(['12 jobs are not due tonight', 'updated 02:00 WIB']);
    expect(main.text).toBe(
      'Night of 23 November 2026, 02:00 WIB: 1 failed, 3 late, 1 stale, 0 running, 1 pending, 0 completed, ' +
        '12 jobs are not due tonight. Failed: billing / close-day. ' +
        'Late: billing / close-day, billing / close-day, billing / close-day. Stale: billing / close-day.',
    );
  });

  test('says the same in lines, and on App Home', () => {
    const { main } = renderBoard(board, options);
    const lines = texts(main.plainBlocks ?? [])[2];
    expect(lines).toContain('⏰ late · billing / close-day · due 01:00 · not begun by 01:15\n');
    const home = renderHome(board, options).blocks;
    expect(texts(home)[2]).toBe(lines);
    expect(footers(home)).toContain('12 jobs are not due tonight');
  });

  test('of which none is due tonight says so', () => {
    const none = { ...boardOfCells([]), notDue: 1 };
    for (const blocks of [renderBoard(none, options).main.blocks, renderHome(none, options).blocks]) {
      expect(texts(blocks)[2]).toBe('Nothing is due tonight.');
      expect(footers(blocks)).toContain('1 job is not due tonight');
    }
  });

  test('too long for one message keeps what is late in the first', () => {
    const many = Array.from({ length: 200 }, (_, n) =>
      cell(n < 5 ? { state: 'late', since: wib('01:00'), due: due({ verdict: 'late' }) } : {}),
    );
    const { main } = renderBoard(boardOfCells(many), options);
    expect(tableRows(main.blocks)).toHaveLength(5);
    expect(texts(main.blocks)[2]).toBe('The other 195 of 200 are in the thread: 195 pending.');
  });
});

describe('the note of a row', () => {
  const noteOf = (fields: Partial<Cell>): string | undefined =>
    tableRows(renderBoard(boardOfCells([cell(fields)]), options).main.blocks)[0]?.[3];

  test.each<[string, string, Partial<Cell>]>([
    [
      'waits for ledger, due until 02:30',
      'what it waits for',
      { due: due({ waitingFor: ['ledger'], finishBy: wib('02:30') }) },
    ],
    [
      'began 47 min late · ended 10 min late',
      'how late it was',
      {
        ...{ state: 'completed', since: wib('02:40') },
        due: due({
          ...{ verdict: 'completed', flags: ['began_late', 'ended_late'] },
          ...{ beganAt: wib('01:47'), finishBy: wib('02:30') },
        }),
      },
    ],
    ['excused: Christmas', 'why it is excused', { due: due({ verdict: 'excused', excuse: 'Christmas' }) }],
    [
      'disk full · began 47 min late · acknowledged by sari',
      'what went wrong before all else',
      {
        ...{ state: 'failed', since: wib('01:50'), error: 'disk full', acknowledgedBy: 'sari' },
        due: due({ verdict: 'failed', flags: ['began_late'], beganAt: wib('01:47') }),
      },
    ],
  ])('says “%s”: %s', (note, _what, fields) => {
    expect(noteOf(fields)).toBe(note);
  });

  test('of a traceback is the line that tells the cause', () => {
    const error = 'Traceback (most recent call last):\n  File "job.py", line 3\nValueError: no rows';
    expect(noteOf({ state: 'failed', error })).toBe('ValueError: no rows');
  });

  test('says what failed, who knows of it and how long it is snoozed', () => {
    const snoozed = { until: wib('03:05'), by: 'budi' };
    expect(noteOf({ state: 'failed', error: 'disk full', acknowledgedBy: 'sari', snoozed })).toBe(
      'disk full · acknowledged by sari · snoozed until 03:05 by budi',
    );
  });

  test('cuts the error, not what is known besides', () => {
    const note = noteOf({
      state: 'failed',
      error: 'e'.repeat(500),
      acknowledgedBy: 'sari',
      registered: false,
    });
    expect(note).toBe(`${'e'.repeat(79)}… · acknowledged by sari · not registered`);
  });

  test('of a long error is cut to 120 characters', () => {
    expect(noteOf({ state: 'failed', error: 'e'.repeat(121) })).toBe(`${'e'.repeat(119)}…`);
  });
});

describe('the answer to who asks for the board', () => {
  test('is one message that says how much it leaves out', () => {
    const cells = Array.from({ length: 350 }, (_, n) => cell({ job_name: `job-${n}`, state: 'completed' }));
    const answer = renderBoardAnswer(boardOfCells(cells), options);
    expect(tableRows(answer.blocks)).toEqual([]);
    expect(texts(answer.blocks)[2]).toBe('All 350 are on the board and in its thread: 350 completed.');
    expect(refusals(answer)).toEqual([]);
  });
});

describe('the fingerprint of a board', () => {
  const print = (cells: readonly Cell[], at?: number): string => boardHash(boardOfCells(cells, at));
  const running = cell({
    state: 'running',
    since: wib('01:10'),
    duration: 60_000,
    heartbeat: wib('01:20:10'),
  });

  test('stays when only the time and the durations of what runs move on', () => {
    expect(print([{ ...running, duration: 3_600_000 }], wib('03:00'))).toBe(print([running]));
    const silent: Cell = { ...running, state: 'stale' };
    expect(print([{ ...silent, duration: 3_600_000 }], wib('03:00'))).toBe(print([silent]));
  });

  test('stays when a time moves within its minute', () => {
    expect(print([{ ...running, since: wib('01:10:59') }])).toBe(print([running]));
  });

  test.each<[string, Partial<Cell>]>([
    ['the state', { state: 'stale' }],
    ['the time', { since: wib('01:11') }],
    ['the last heartbeat', { heartbeat: wib('01:21') }],
    ['who acknowledged', { acknowledgedBy: 'sari' }],
    ['a snooze', { snoozed: { until: wib('03:00'), by: 'sari' } }],
    ['the registration', { registered: false }],
    ['the error', { error: 'disk full' }],
    ['the service', { service_name: 'ledger' }],
    ['the job', { job_name: 'open-day' }],
    ['what it is due for', { due: due({ verdict: 'running', finishBy: wib('02:30') }) }],
  ])('changes with %s', (_, change) => {
    expect(print([{ ...running, ...change }])).not.toBe(print([running]));
  });

  test('stays when only the duration of what is overdue moves on', () => {
    const overdue: Cell = {
      ...running,
      state: 'late',
      due: due({ verdict: 'overdue', finishBy: wib('01:30') }),
    };
    expect(print([{ ...overdue, duration: 3_600_000 }], wib('03:00'))).toBe(print([overdue]));
    expect(print([{ ...overdue, since: wib('01:11') }])).not.toBe(print([overdue]));
  });

  test('changes with how many are not due tonight', () => {
    expect(boardHash({ ...boardOfCells([running]), notDue: 1 })).not.toBe(print([running]));
  });

  test('changes when a scheduler comes or goes', () => {
    expect(print([running, cell()])).not.toBe(print([running]));
    expect(print([])).not.toBe(print([running]));
  });
});
