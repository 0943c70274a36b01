import { describe, expect, test } from '@jest/globals';
import { plan, type Action, type Reading, type MessageState } from '../../src/night/plan.ts';
import { eod } from '../support/boards.ts';

/** Jakarta's night of 24 November 2099, 00:00-06:00, is 17:00-23:00 UTC of the 23rd. */
const ms = (time: string): number => Date.parse(`2099-11-${time}Z`);
const minute = 60_000;
const created_at = '2099-11-23T18:20:00.000Z';

function at(time: string, changes: Partial<Reading> = {}): Reading {
  const now = ms(time);
  const spans = { summaryWait: 2 * minute, tolerance: minute, unpostedAfter: 10 * minute, leaseMs: minute };
  return { now, real: now, watermark: now, ...spans, ...changes };
}

function board(saidAt: string | undefined, changes: Partial<MessageState> = {}): MessageState {
  return {
    message_key: 'board/eod/2099-11-24/1',
    kind: 'board',
    created_at,
    ...(saidAt === undefined ? {} : { ts: '1.000001', said_at: new Date(ms(saidAt)).toISOString() }),
    ...changes,
  };
}

const summary: MessageState = {
  message_key: 'summary/eod/2099-11-24',
  kind: 'summary',
  created_at,
  ts: '2.000002',
};

/** The actions in a line each. */
function planned(messages: readonly MessageState[], reading: Reading): string[] {
  return plan(eod, messages, reading).map(lineOf);
}

function lineOf(action: Action<MessageState>): string {
  switch (action.do) {
    case 'post-board':
      return `post-board ${action.night.date} for ${new Date(action.slot).toISOString().slice(8, 23)}`;
    case 'post-summary':
      return `post-summary ${action.night.date}${action.complete ? '' : ', incomplete'}`;
    case 'update-message':
    case 'post-alert':
    case 'recheck':
      return `${action.do} ${action.message.message_key}`;
  }
}

describe('the board', () => {
  test.each([
    ['23T16:59:59.999', []],
    ['23T17:00:00.000', ['post-board 2099-11-24 for 23T17:00:00.000']],
    ['23T20:17:00.000', ['post-board 2099-11-24 for 23T20:00:00.000']],
    ['23T22:59:59.999', ['post-board 2099-11-24 for 23T22:00:00.000']],
  ])('that nobody posted is due from the start until the end: at %s', (time, lines) => {
    expect(planned([], at(time))).toEqual(lines);
  });

  test.each([
    ['23T17:59:59.999', []],
    ['23T18:00:00.000', ['post-board 2099-11-24 for 23T18:00:00.000']],
    ['23T20:59:59.999', ['post-board 2099-11-24 for 23T20:00:00.000']],
  ])('that was posted at the start is due at each slot, and three missed are one: at %s', (time, lines) => {
    expect(planned([board('23T17:00:00.000')], at(time))).toEqual(lines);
  });

  test('that was edited at its slot rests until the next', () => {
    expect(planned([board('23T18:00:00.000')], at('23T18:59:59.999'))).toEqual([]);
    expect(planned([board('23T18:00:00.000')], at('23T19:00:00.000'))).toHaveLength(1);
  });

  test('is edited a last time at the end, then never again', () => {
    const late = board('23T22:00:00.000');
    expect(planned([late, summary], at('23T23:00:00.000'))).toEqual([
      'post-board 2099-11-24 for 23T23:00:00.000',
    ]);
    expect(planned([board('23T23:00:00.000'), summary], at('24T04:00:00.000'))).toEqual([]);
  });

  test('that was not brought to its end within 6 h stays as it is', () => {
    const late = board('23T22:00:00.000');
    expect(planned([late, summary], at('24T04:59:59.999'))).toHaveLength(1);
    expect(planned([late, summary], at('24T05:00:00.000'))).toEqual([]);
  });

  test('that was claimed but perhaps never posted is seen to, even after the end', () => {
    expect(planned([board(undefined), summary], at('23T23:30:00.000'))).toHaveLength(1);
  });

  test('whose picture was not whole is drawn again as soon as it can be, not before', () => {
    const isIncomplete = board('23T18:00:00.000', { details: { whole: false } });
    const behind = at('23T18:10:00.000', { watermark: ms('23T18:08:59.999') });
    expect(planned([isIncomplete], behind)).toEqual([]);
    expect(planned([isIncomplete], { ...behind, watermark: null })).toEqual([]);
    expect(planned([isIncomplete], { ...behind, watermark: ms('23T18:09:00.000') })).toHaveLength(1);
  });

  test('of another board says nothing of this one', () => {
    const other = board('23T18:00:00.000', { message_key: 'board/other/2099-11-24/1' });
    expect(planned([other], at('23T18:30:00.000'))).toHaveLength(1);
  });

  test('of a night that fills the day but for a minute is brought to its end after the next began', () => {
    const long = { ...eod, window: '00:00-23:59' };
    const yesterday = board('24T16:00:00.000');
    const lines = plan(long, [yesterday], at('24T17:00:30.000')).map(lineOf);
    expect(lines).toContain('post-board 2099-11-24 for 24T16:59:00.000');
    expect(lines).toContain('post-summary 2099-11-24');
  });
});

describe('the summary', () => {
  const shown = board('23T23:00:00.000');

  test('is due once everything of the night has been read', () => {
    const early = at('23T23:00:10.000', { watermark: ms('23T22:59:59.999') });
    expect(planned([shown], early)).toEqual([]);
    expect(planned([shown], { ...early, watermark: ms('23T23:00:00.000') })).toEqual([
      'post-summary 2099-11-24',
    ]);
  });

  test.each([ms('23T22:59:00.000'), null])(
    'waits two minutes for a watermark of %j, no longer',
    (watermark) => {
      expect(planned([shown], at('23T23:01:59.999', { watermark }))).toEqual([]);
      expect(planned([shown], at('23T23:02:00.000', { watermark }))).toEqual([
        'post-summary 2099-11-24, incomplete',
      ]);
    },
  );

  test('is due for 6 h after the end and not a moment longer, with or without a board', () => {
    expect(planned([], at('24T04:59:59.999'))).toEqual(['post-summary 2099-11-24']);
    expect(planned([], at('24T05:00:00.000'))).toEqual([]);
  });

  test('is told once', () => {
    expect(planned([shown, summary], at('23T23:30:00.000'))).toEqual([]);
    const unposted: MessageState = { message_key: summary.message_key, kind: summary.kind, created_at };
    expect(planned([shown, unposted], at('23T23:30:00.000'))).toEqual(['post-summary 2099-11-24']);
    expect(planned([shown, { ...unposted, deleted: true }], at('23T23:30:00.000'))).toEqual([]);
  });
});

describe('a message whose story may go on', () => {
  const reading = at('23T18:30:00.000');
  const shown = board('23T18:00:00.000');
  const alert: MessageState = { message_key: 'alert/payroll/x', kind: 'alert', created_at, ts: '3.000003' };
  const unposted: MessageState = { message_key: alert.message_key, kind: alert.kind, created_at };

  test.each<[string, MessageState, boolean]>([
    ['an alert', alert, true],
    ['a warning', { ...alert, kind: 'stale' }, true],
    ['a group', { ...alert, kind: 'group' }, true],
    ['a group that has not been posted', { ...unposted, kind: 'group' }, true],
    ['an alert that has not been posted', unposted, false],
    ['an alert that somebody deleted', { ...alert, deleted: true }, false],
    ['an alert that is closed', { ...alert, details: { closed: true } }, false],
    ['a reply', { ...alert, kind: 'reply' }, false],
  ])('%s', (_name, told, follows) => {
    expect(planned([shown, told], reading)).toEqual(follows ? ['update-message alert/payroll/x'] : []);
  });

  test('is looked for again when its time has come, by the machine’s clock', () => {
    const doubtful = { ...unposted, recheck_at: 5_000 };
    expect(planned([shown, doubtful], { ...reading, real: 4_999 })).toEqual([]);
    expect(planned([shown, doubtful], { ...reading, real: 5_000 })).toEqual(['recheck alert/payroll/x']);
  });

  test('is looked for again at once when that time was set before the clock was set back', () => {
    const doubtful = { ...unposted, recheck_at: reading.real + 3_600_000 };
    expect(planned([shown, doubtful], reading)).toEqual(['recheck alert/payroll/x']);
    const soon = { ...unposted, recheck_at: reading.real + 60_000 };
    expect(planned([shown, soon], reading)).toEqual([]);
  });
});

describe('an alert that nobody was told of', () => {
  const shown = board('23T18:00:00.000');
  const alert: MessageState = { message_key: 'alert/payroll/x', kind: 'alert', created_at };

  test.each([
    ['23T18:30:00.000', []],
    ['23T18:30:00.001', ['post-alert alert/payroll/x']],
  ])('is told by the watch ten minutes after it came: at %s', (time, lines) => {
    expect(planned([shown, alert], at(time))).toEqual(lines);
  });

  test.each<[string, Partial<MessageState>]>([
    ['was posted', { ts: '3.000003', details: { closed: true } }],
    ['somebody deleted', { deleted: true }],
    ['is to be told to nobody', { details: { closed: true, untold: 'snoozed' } }],
    ['a group has', { details: { joined: true } }],
  ])('is not looked for when it %s', (_what, changes) => {
    expect(planned([shown, { ...alert, ...changes }], at('23T18:50:00.000'))).toEqual([]);
  });
});
