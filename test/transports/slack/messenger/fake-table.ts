import {
  messageRow,
  type MessageKey,
  type MessageRow,
  type MessageTable,
} from '../../../../src/store/messages/messages.ts';

export type FakeTable = MessageTable & {
  readonly rows: Map<string, string>;
  readonly row: (key: MessageKey) => MessageRow | undefined;
};

/** The messages table in memory; `test/store/messages.test.ts` holds it to what the real one does. */
export function fakeTable(): FakeTable {
  const rows = new Map<string, string>();
  const keyText = (key: MessageKey): string => JSON.stringify([key.night, key.message_key]);
  const rowOf = (key: MessageKey): MessageRow | undefined => {
    const text = rows.get(keyText(key));
    return text === undefined ? undefined : messageRow.parse(JSON.parse(text));
  };
  return {
    rows,
    row: rowOf,
    read: (key) => Promise.resolve(rowOf(key)),
    create: (row) => {
      if (rows.has(keyText(row))) return Promise.resolve(false);
      rows.set(keyText(row), JSON.stringify({ ...row, rev: 1 }));
      return Promise.resolve(true);
    },
    swap: (row, expectedRev) => {
      if (rowOf(row)?.rev !== expectedRev) return Promise.resolve(undefined);
      rows.set(keyText(row), JSON.stringify({ ...row, rev: expectedRev + 1 }));
      return Promise.resolve(rowOf(row));
    },
  };
}
