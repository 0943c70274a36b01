import { createClock } from '../../../../src/clock.ts';
import { silent } from '../../../../src/log.ts';
import type { Content } from '../../../../src/transports/slack/content.ts';
import {
  createMessenger,
  type Messenger,
  type PublishOptions,
} from '../../../../src/transports/slack/messenger/messenger.ts';
import type { MessageRow } from '../../../../src/store/messages/messages.ts';
import { fakeSlack, type FakeSlack } from '../fake-api.ts';
import { fakeTable, type FakeTable } from './fake-table.ts';
import { unusedStore } from '../fixtures.ts';

export const key = { night: 'eod/2026-11-23', message_key: 'alert/payroll/1' };
/** 2026-11-23T17:00:00Z */
export const midnight = Date.parse('2026-11-23T17:00:00.000Z');
export const options: PublishOptions = { channel: 'C0RONDA', whenDeleted: 'repost' };

export function content(text: string, more: Partial<Content> = {}): Content {
  return { text, blocks: [{ type: 'section', text: { type: 'plain_text', text } }], ...more };
}

export type Stage = {
  /** `setBack`: by how much the machine's clock was set back so far; see `setClockBack`. */
  readonly time: { at: number; setBack: number };
  /** Sets the machine's clock back; time that passes goes on. */
  readonly setClockBack: (ms: number) => void;
  readonly slack: FakeSlack;
  readonly table: FakeTable;
  /** Every pause that a messenger made, ms; each moves the time on. */
  readonly pauses: number[];
  /** A messenger with a lease of 60 s, under a name of its own. */
  readonly messenger: (owner?: string, more?: Partial<FakeSlack>) => Messenger;
  readonly row: () => MessageRow | undefined;
  /** Leaves the key's row as if somebody had written it. */
  readonly leave: (attributes: Partial<MessageRow>) => void;
};

/** Slack and the table in memory, and a time that only pauses and tests move. */
export function stage(): Stage {
  const time = { at: midnight, setBack: 0 };
  const clock = createClock(
    {},
    () => time.at,
    () => time.at + time.setBack,
  );
  const slack = fakeSlack(() => time.at);
  const table = fakeTable();
  const pauses: number[] = [];
  return {
    time,
    setClockBack: (ms) => {
      time.at -= ms;
      time.setBack += ms;
    },
    slack,
    table,
    pauses,
    messenger: (owner = 'one', more = {}) =>
      createMessenger({
        store: unusedStore(clock),
        api: { ...slack, ...more },
        table,
        clock,
        log: silent,
        owner,
        leaseSeconds: 60,
        pause: (ms) => {
          pauses.push(ms);
          time.at += ms;
          return Promise.resolve();
        },
      }),
    row: () => table.row(key),
    leave: (attributes) => {
      const row = { ...key, kind: 'alert', created_at: '2026-11-23T17:00:00.000Z', rev: 1, ...attributes };
      table.rows.set(JSON.stringify([key.night, key.message_key]), JSON.stringify(row));
    },
  };
}
