import { expect } from '@jest/globals';
import type { Transport } from '../../src/alerts/transport.ts';
import type { BoardSpec } from '../../src/night/boards.ts';
import type { AlertRow, DeliveryRow } from '../../src/store/alerts/alert-rows.ts';
import { alertRow, deliveryRow } from '../../src/store/alerts/alert-rows.ts';
import { messageRow, type MessageRow } from '../../src/store/messages/messages.ts';
import { plan, type Action, type RoundInput } from '../../src/watch/plan.ts';
import { eod } from '../support/boards.ts';

/** Given what a round found, when it is such a time, then this is to be done: the plan as sentences. */

export const minute = 60_000;
/** An instant around Jakarta's night of 24 November 2099, whose 00:00-06:00 is 17:00-23:00 UTC of the 23rd. */
export const ms = (time: string): number => Date.parse(`2099-11-${time}Z`);
const utc = (time: string): string => new Date(ms(time)).toISOString();
export const created_at = '2099-11-23T18:20:00.000Z';

type Given = Partial<Omit<RoundInput, 'input' | 'transports'>> & {
  readonly transports?: readonly Transport[];
};
type Input = RoundInput['input'];

const never = -Infinity;
const slack = transport('slack', true);

export type Planned = { readonly then: (...lines: string[]) => void; readonly lines: readonly string[] };

/** What a round found: messages, alerts, deliveries, and what else there is. */
export function given(found: Given | readonly MessageRow[]) {
  const input = 'length' in found ? { messages: found } : found;
  return {
    /** At a time like `23T18:00:00.000`, everything read, or as `changes` say. */
    when: (time: string, changes: Partial<Input> = {}): Planned => {
      const now = ms(time);
      const { transports = [slack], ...rest } = input;
      const lines = plan({
        ...{ board: eod, messages: [], alerts: [], deliveries: [], ...rest },
        transports: new Map(transports.map((one) => [one.name, one])),
        input: {
          ...{ now, real: now, monotonic: 0, watermark: now, judgedAt: null, last },
          ...{ summaryWait: 2 * minute, tolerance: minute, unpostedAfter: 10 * minute, leaseMs: minute },
          ...{ liveEveryMs: null, staleEveryMs: 5 * minute, slots: null },
          ...changes,
        },
      }).map(lineOf);
      return {
        lines,
        then: (...expected) => {
          expect(lines).toEqual(expected);
        },
      };
    },
  };
}

/** A process that has just started. */
export const last = { live: never, oldNights: never, emptySummary: never, stale: never };

export function transport(name: string, reconciles = false): Transport {
  return { name, reconciles, deliver: () => Promise.resolve('delivered'), test: () => Promise.resolve('') };
}

function lineOf(action: Action): string {
  switch (action.do) {
    case 'post-board': {
      const kind = action.live ? 'edit live' : 'post board';
      return `${kind} of ${action.night.date} for ${new Date(action.slot).toISOString().slice(8, 16)}`;
    }
    case 'post-summary':
      return `post summary of ${action.night.date}${action.complete ? '' : ', incomplete'}`;
    case 'check-stale':
      return `check for stale jobs of ${action.night.date}`;
    case 'check-slots':
      return 'check slots';
    case 'carry-over':
    case 'update-group':
    case 'recheck':
      return `${action.do} ${action.message.message_key}`;
    case 'open-alert':
    case 'refresh-alert':
      return `${action.do} ${action.alert.alert_key}`;
    case 'deliver':
      return `deliver ${action.alert.alert_key} to ${action.transport.name}`;
  }
}

/** The board's message of the night; with `contentAt` it was posted, or edited last, then. */
export function postedBoard(contentAt: string | undefined, changes: Partial<MessageRow> = {}): MessageRow {
  return message({
    message_key: 'board/eod/2099-11-24/1',
    kind: 'board',
    ...(contentAt === undefined ? {} : { ts: '1.000001', said_at: utc(contentAt) }),
    ...changes,
  });
}

export function message(fields: Partial<MessageRow>): MessageRow {
  return messageRow.parse({ night: 'eod/2099-11-24', created_at, ...fields });
}

/** The summary of the night, posted. */
export const postedSummary = message({
  message_key: 'summary/eod/2099-11-24',
  kind: 'summary',
  ts: '2.000002',
});

/** A failure's alert `a`, opened at 18:20. */
export function alert(fields: Partial<AlertRow> = {}): AlertRow {
  return alertRow.parse({
    ...{ night: 'eod/2099-11-24', alert_key: 'a', kind: 'failure', scheduler_id: 'payroll', created_at },
    ...{ occurred_at: created_at, event_id: 'x', service_name: 'billing', state: 'open' },
    transitions: [{ type: 'opened', at: created_at }],
    ...fields,
  });
}

/** The delivery of `a` by a transport. */
export function delivery(name: string, fields: Partial<DeliveryRow> = {}): DeliveryRow {
  return deliveryRow.parse({
    ...{ night: 'eod/2099-11-24', alert_key: `a#${name}`, kind: 'delivery', transport: name, created_at },
    delivered: 1,
    ...fields,
  });
}

export function board(fields: Partial<BoardSpec>): BoardSpec {
  return { ...eod, ...fields };
}
