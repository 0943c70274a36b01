import { describe, expect, test } from '@jest/globals';
import type { Route } from '../../src/night/boards.ts';
import {
  alert,
  board,
  postedBoard,
  delivery,
  given,
  message,
  minute,
  ms,
  transport,
  type Planned,
} from './planning.ts';

const shown = [postedBoard('23T18:00:00.000')];
const half = '23T18:30:00.000';
const hook = transport('webhook:ops');
const slack = transport('slack', true);
const acknowledged = { type: 'acknowledged', at: '2099-11-23T18:25:00.000Z', by: 'sari' } as const;
const opened = { type: 'opened', at: '2099-11-23T18:20:00.000Z' } as const;

function progress(fields: object) {
  return { acknowledged: null, recovered: null, snoozed: null, removed: null, outcome: null, ...fields };
}

/** The transports that are to be told. */
function delivering({ lines }: Planned): string[] {
  return lines.flatMap((line) => (line.startsWith('deliver a to ') ? [line.slice(13)] : []));
}

describe('a failure whose notice may be under way', () => {
  const fresh = alert({ state: 'new', transitions: [] });

  test.each([
    ['23T18:30:00.000', []],
    ['23T18:30:00.001', ['open-alert a']],
  ])('is opened by the watch ten minutes after it came: at %s', (time, lines) => {
    given({ messages: shown, alerts: [fresh] })
      .when(time)
      .then(...lines);
  });

  test('is Slack’s to show by the watch only after that, too', () => {
    given({ messages: shown, alerts: [alert()] })
      .when(half)
      .then('refresh-alert a');
    given({ messages: shown, alerts: [alert()] })
      .when('23T18:30:00.001')
      .then('refresh-alert a', 'deliver a to slack');
  });

  test('that nobody is to know of is looked after by nobody', () => {
    given({ messages: [postedBoard('23T19:00:00.000')], alerts: [alert({ state: 'suppressed' })] })
      .when('23T19:30:00.000')
      .then();
  });
});

describe('an alert that was delivered', () => {
  test('rests while nothing changes, but its job is looked at until it is over', () => {
    given({ messages: shown, alerts: [alert()], deliveries: [delivery('slack')] })
      .when(half)
      .then('refresh-alert a');
    const over = alert({ state: 'over', progress: progress({ recovered: { at: 1 } }) });
    given({ messages: shown, alerts: [over], deliveries: [delivery('slack')] })
      .when(half)
      .then();
  });

  test('is delivered again when it has changed, even when that ended it', () => {
    const changed = {
      transitions: [opened, acknowledged].map((one) => ({ by: null, until: null, outcome: null, ...one })),
    };
    given({ messages: shown, alerts: [alert(changed)], deliveries: [delivery('slack')] })
      .when(half)
      .then('refresh-alert a', 'deliver a to slack');
    given({
      messages: shown,
      alerts: [alert({ ...changed, state: 'over' })],
      deliveries: [delivery('slack')],
    })
      .when(half)
      .then('deliver a to slack');
  });

  test('whose transport wants to follow it up is delivered again while it is open', () => {
    const deliveries = [delivery('slack', { follow_up: true })];
    given({ messages: shown, alerts: [alert()], deliveries })
      .when(half)
      .then('refresh-alert a', 'deliver a to slack');
    given({ messages: shown, alerts: [alert({ state: 'over' })], deliveries })
      .when(half)
      .then();
  });
});

describe('a delivery that failed', () => {
  const behind = { delivered: 0, attempts: 3 };
  const at = ms(half);
  const found = (fields: object) =>
    given({
      board: board({ routes: [{ to: 'webhook:ops' }] }),
      transports: [hook],
      messages: shown,
      alerts: [alert()],
      deliveries: [delivery('webhook:ops', { ...behind, ...fields })],
    });

  test('waits for its time, by the machine’s clock', () => {
    found({ next_at: at + 1 })
      .when(half)
      .then('refresh-alert a');
    found({ next_at: at }).when(half).then('refresh-alert a', 'deliver a to webhook:ops');
  });

  test('does not wait for a time that was set before the clock was set back', () => {
    found({ next_at: at + 3_600_000 })
      .when(half)
      .then('refresh-alert a', 'deliver a to webhook:ops');
  });

  test('is left to whoever has its lease, as long as that lasts', () => {
    const lease = { owner: 'other', at: at - minute, until: at + 1 };
    found({ lease }).when(half).then('refresh-alert a');
    found({ lease: { ...lease, until: at } })
      .when(half)
      .then('refresh-alert a', 'deliver a to webhook:ops');
  });

  test('for good is not tried again', () => {
    found({ failed: true }).when(half).then('refresh-alert a');
  });
});

describe('routes', () => {
  const reached = (routes: readonly Route[] | undefined, one = alert(), time = half): string[] => {
    const at = { ...one, night: 'eod/2099-11-24' };
    return delivering(
      given({
        board: board({ routes }),
        transports: [slack, hook, transport('webhook:all')],
        messages: shown,
        alerts: [at],
      }).when(time),
    );
  };
  const later = '23T18:30:00.001';

  test('are to Slack alone where a board names none', () => {
    expect(reached(undefined, alert(), later)).toEqual(['slack']);
  });

  test('that fit are all taken, those that do not are not; a transport that is not set up is passed over', () => {
    const routes: Route[] = [
      { to: 'webhook:ops', kinds: ['failure'], services: ['billing'], severity: ['error'] },
      { to: 'webhook:ops' },
      { to: 'webhook:all', kinds: ['stale'] },
      { to: 'webhook:gone' },
    ];
    expect(reached(routes)).toEqual(['webhook:ops']);
    expect(reached([{ to: 'webhook:all', services: ['ledger'] }])).toEqual([]);
    expect(reached([{ to: 'webhook:all', severity: ['warning', 'critical'] }])).toEqual([]);
  });

  describe('for what nobody looks after', () => {
    const routes: Route[] = [{ to: 'webhook:ops', after_minutes: 15 }];

    test('are taken when their time has come, not before', () => {
      expect(reached(routes, alert(), '23T18:34:59.999')).toEqual([]);
      expect(reached(routes, alert(), '23T18:35:00.000')).toEqual(['webhook:ops']);
    });

    test('are taken to Slack when their time has come, too, though a notice may be under way', () => {
      const oncall = transport('slack:C0ONCALL', true);
      const found = given({
        board: board({ routes: [{ to: 'slack' }, { to: 'slack:C0ONCALL', after_minutes: 5 }] }),
        ...{ transports: [slack, oncall], messages: shown, alerts: [alert()] },
      });
      expect(delivering(found.when('23T18:24:59.999'))).toEqual([]);
      expect(delivering(found.when('23T18:25:00.000'))).toEqual(['slack:C0ONCALL']);
    });

    test('are not taken for what is acknowledged or over by then', () => {
      const by = progress({ acknowledged: { by: 'sari', at: 1 } });
      expect(reached(routes, alert({ progress: by }), '23T18:35:00.000')).toEqual([]);
      expect(reached(routes, alert({ state: 'over' }), '23T18:35:00.000')).toEqual([]);
    });
  });

  test('that were taken once are taken to the alert’s end, whatever they say since', () => {
    const acked = alert({
      progress: progress({ acknowledged: { by: 'sari', at: 1 } }),
      transitions: [opened, acknowledged].map((one) => ({ by: null, until: null, outcome: null, ...one })),
    });
    expect(
      delivering(
        given({
          board: board({ routes: [{ to: 'webhook:ops', after_minutes: 15 }] }),
          transports: [hook],
          messages: shown,
          alerts: [acked],
          deliveries: [delivery('webhook:ops')],
        }).when('23T18:40:00.000'),
      ),
    ).toEqual(['webhook:ops']);
  });
});

describe('an alert that an earlier version kept among the messages', () => {
  const former = message({
    ...{ message_key: 'a', kind: 'alert', scheduler_id: 'payroll', ts: '3.000003' },
    ...{ occurred_at: '2099-11-23T18:20:00.000Z', event_id: 'x' },
  });

  test('is carried over, once, unless it was over', () => {
    given([...shown, former])
      .when(half)
      .then('carry-over a');
    given({ messages: [...shown, former], alerts: [alert()], deliveries: [delivery('slack')] })
      .when(half)
      .then('refresh-alert a');
    given([...shown, { ...former, details: { closed: true } }])
      .when(half)
      .then();
  });

  test('is not what a message of an alert of this version is', () => {
    given([...shown, message({ message_key: 'a', kind: 'alert', ts: '3.000003' })])
      .when(half)
      .then();
  });
});
