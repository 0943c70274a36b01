import { describe, test } from '@jest/globals';
import { postedBoard, board, given, last, message, minute, ms, postedSummary } from './planning.ts';

const started = 'post board of 2099-11-24 for 23T17:00';
const atOne = 'post board of 2099-11-24 for 23T18:00';

describe('a board that nobody posted', () => {
  test.each([
    ['23T16:59:59.999', []],
    ['23T17:00:00.000', [started]],
    ['23T20:17:00.000', ['post board of 2099-11-24 for 23T20:00']],
    ['23T22:59:59.999', ['post board of 2099-11-24 for 23T22:00']],
  ])('is due from the start until the end: at %s', (time, lines) => {
    given([])
      .when(time)
      .then(...lines);
  });
});

describe('a board that was posted at the start', () => {
  test.each([
    ['23T17:59:59.999', []],
    ['23T18:00:00.000', [atOne]],
    ['23T20:59:59.999', ['post board of 2099-11-24 for 23T20:00']],
  ])('is due at each slot, and three missed are one: at %s', (time, lines) => {
    given([postedBoard('23T17:00:00.000')])
      .when(time)
      .then(...lines);
  });
});

describe('a board', () => {
  test('that was edited at its slot rests until the next', () => {
    given([postedBoard('23T18:00:00.000')])
      .when('23T18:59:59.999')
      .then();
    given([postedBoard('23T18:00:00.000')])
      .when('23T19:00:00.000')
      .then('post board of 2099-11-24 for 23T19:00');
  });

  test('is edited a last time at the end, then never again', () => {
    given([postedBoard('23T22:00:00.000'), postedSummary])
      .when('23T23:00:00.000')
      .then('post board of 2099-11-24 for 23T23:00');
    given([postedBoard('23T23:00:00.000'), postedSummary])
      .when('24T04:00:00.000')
      .then();
  });

  test('that was not brought to its end within 6 h stays as it is', () => {
    const late = [postedBoard('23T22:00:00.000'), postedSummary];
    given(late).when('24T04:59:59.999').then('post board of 2099-11-24 for 23T23:00');
    given(late).when('24T05:00:00.000').then();
  });

  test('that was leased but perhaps never posted is seen to, even after the end', () => {
    given([postedBoard(undefined), postedSummary])
      .when('23T23:30:00.000')
      .then('post board of 2099-11-24 for 23T23:00');
  });

  test('that was not whole is drawn again as soon as it can be, not before', () => {
    const found = given([postedBoard('23T18:00:00.000', { details: { whole: false } })]);
    found.when('23T18:10:00.000', { watermark: ms('23T18:08:59.999') }).then();
    found.when('23T18:10:00.000', { watermark: null }).then();
    found.when('23T18:10:00.000', { watermark: ms('23T18:09:00.000') }).then(atOne);
  });

  test('of another name says nothing of this one', () => {
    given([postedBoard('23T18:00:00.000', { message_key: 'board/other/2099-11-24/1' })])
      .when('23T18:30:00.000')
      .then(atOne);
  });

  test('of a night that fills the day but for a minute is brought to its end after the next began', () => {
    given({ board: board({ window: '00:00-23:59' }), messages: [postedBoard('24T16:00:00.000')] })
      .when('24T17:00:30.000')
      .then(
        'post board of 2099-11-24 for 24T16:59',
        'post board of 2099-11-25 for 24T17:00',
        'post summary of 2099-11-24',
      );
  });
});

describe('a board between its slots', () => {
  const shown = postedBoard('23T18:00:00.000', { details: { slot: ms('23T18:00:00.000') } });
  const live = { liveEveryMs: 10_000 };

  test('is edited live where that is wished, as often as wished, keeping its slot', () => {
    const found = given([shown]);
    found.when('23T18:10:00.000').then();
    found.when('23T18:10:00.000', live).then('edit live of 2099-11-24 for 23T18:00');
    const before = { ...live, monotonic: 60_000 };
    found.when('23T18:10:00.000', { ...before, last: { ...last, live: 50_001 } }).then();
    found
      .when('23T18:10:00.000', { ...before, last: { ...last, live: 50_000 } })
      .then('edit live of 2099-11-24 for 23T18:00');
  });

  test('is not edited live when it is due anyway, is not posted, or the night is over', () => {
    given([shown]).when('23T19:00:00.000', live).then('post board of 2099-11-24 for 23T19:00');
    given([]).when('23T17:00:00.000', live).then(started);
    const ended = postedBoard('23T23:00:00.000', { details: { slot: ms('23T23:00:00.000') } });
    given([ended, postedSummary]).when('23T23:00:00.000', live).then();
  });
});

describe('the summary', () => {
  const shown = postedBoard('23T23:00:00.000');

  test('is due once everything of the night has been read', () => {
    given([shown])
      .when('23T23:00:10.000', { watermark: ms('23T22:59:59.999') })
      .then();
    given([shown])
      .when('23T23:00:10.000', { watermark: ms('23T23:00:00.000') })
      .then('post summary of 2099-11-24');
  });

  test.each([ms('23T22:59:00.000'), null])(
    'waits two minutes for a watermark of %j, no longer',
    (watermark) => {
      given([shown]).when('23T23:01:59.999', { watermark }).then();
      given([shown]).when('23T23:02:00.000', { watermark }).then('post summary of 2099-11-24, incomplete');
    },
  );

  test('is due for 6 h after the end and not a moment longer, with or without a board', () => {
    given([]).when('24T04:59:59.999').then('post summary of 2099-11-24');
    given([]).when('24T05:00:00.000').then();
  });

  test('is posted once', () => {
    const { message_key, kind } = postedSummary;
    given([shown, postedSummary]).when('23T23:30:00.000').then();
    given([shown, message({ message_key, kind })])
      .when('23T23:30:00.000')
      .then('post summary of 2099-11-24');
    given([shown, message({ message_key, kind, deleted: true })])
      .when('23T23:30:00.000')
      .then();
  });

  test('for which there was nobody to sum up is asked for once a minute', () => {
    const tried = { monotonic: minute, last: { ...last, emptySummary: 1 } };
    given([]).when('24T01:00:00.000', tried).then();
    given([])
      .when('24T01:00:00.000', { ...tried, last: { ...last, emptySummary: 0 } })
      .then('post summary of 2099-11-24');
  });
});

describe('stale jobs', () => {
  const shown = [postedBoard('23T18:00:00.000')];
  const check = 'check for stale jobs of 2099-11-24';
  const judgedAt = ms('23T18:10:00.000');

  test('are looked for as often as wished by Ronda’s time, and again when a fast clock began anew', () => {
    const looked = (at: string) => ({ judgedAt, last: { ...last, stale: ms(at) } });
    given(shown).when('23T18:10:00.000', { judgedAt }).then(check);
    given(shown).when('23T18:10:00.000', looked('23T18:05:00.001')).then();
    given(shown).when('23T18:10:00.000', looked('23T18:05:00.000')).then(check);
    given(shown).when('23T18:10:00.000', looked('23T18:10:00.001')).then(check);
  });

  test('are not looked for while nothing can be judged, nor after the night', () => {
    given(shown).when('23T18:10:00.000', { judgedAt: null }).then();
    given([postedBoard('23T23:00:00.000'), postedSummary])
      .when('23T23:00:00.000', { judgedAt })
      .then();
  });
});

describe('a group', () => {
  const shown = postedBoard('23T18:00:00.000');
  const group = message({ message_key: 'group/x', kind: 'group' });

  test.each([
    ['that was posted', { ts: '3.000003' }, true],
    ['that has not been posted', {}, true],
    ['that somebody deleted', { ts: '3.000003', deleted: true as const }, false],
    ['that is closed', { ts: '3.000003', details: { closed: true } }, false],
    ['is what a reply is not', { kind: 'reply' }, false],
  ])('%s', (_what, fields, follows) => {
    given([shown, { ...group, ...fields }])
      .when('23T18:30:00.000')
      .then(...(follows ? ['update-group group/x'] : []));
  });
});

describe('a message that may have been posted twice', () => {
  const shown = postedBoard('23T18:00:00.000');
  const doubtful = (recheck_at: number) => [shown, message({ message_key: 'm', kind: 'reply', recheck_at })];

  test('is looked for again when its time has come, by the machine’s clock', () => {
    given(doubtful(5_000)).when('23T18:30:00.000', { real: 4_999 }).then();
    given(doubtful(5_000)).when('23T18:30:00.000', { real: 5_000 }).then('recheck m');
  });

  test('is looked for again at once when that time was set before the clock was set back', () => {
    const now = ms('23T18:30:00.000');
    given(doubtful(now + 3_600_000))
      .when('23T18:30:00.000')
      .then('recheck m');
    given(doubtful(now + 60_000))
      .when('23T18:30:00.000')
      .then();
  });
});
