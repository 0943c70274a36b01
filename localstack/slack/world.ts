import type { Clock } from '../../src/clock.ts';
import { apply, messageAt, type Workspace } from './changes.ts';
import type { Journal } from './journal.ts';
import {
  message,
  type Change,
  type Ephemeral,
  type KeptBlock,
  type Message,
  type StoredMessage,
  type UiEvent,
} from './state.ts';
import { nextMicros, toTimestamp } from './timestamps.ts';

/** The one workspace of this process: what is in it, and who hears of changes. */
export type World = {
  readonly workspace: () => Workspace;
  /** A new `ts`, later than every one before. */
  readonly nextTs: () => string;
  /** Writes a change down, then makes it true, then tells the page. */
  readonly commit: (change: Change) => void;
  /** Shows something to one person alone. */
  readonly show: (ephemeral: Omit<Ephemeral, 'message'> & { readonly message: Said }) => Ephemeral;
  readonly ephemerals: () => readonly Ephemeral[];
  readonly onEvent: (listener: (event: UiEvent) => void) => () => void;
  readonly clock: Clock;
};

export type Said = { readonly text: string; readonly blocks?: readonly KeptBlock[] };

const maxEphemerals = 200;

export function openWorld(journal: Journal, clock: Clock): World {
  let { workspace } = journal;
  let micros = workspace.micros;
  const listeners = new Set<(event: UiEvent) => void>();
  const ephemerals: Ephemeral[] = [];

  const nextTs = (): string => {
    micros = nextMicros(micros, clock.real());
    return toTimestamp(micros);
  };
  const tell = (event: UiEvent): void => {
    for (const listener of listeners) listener(event);
  };

  return {
    workspace: () => workspace,
    nextTs,
    commit: (change) => {
      const before = workspace;
      const after = apply(before, change);
      journal.append(change, after);
      workspace = after;
      for (const event of eventsOf(before, workspace, change)) tell(event);
    },
    show: ({ channel, user, message: said }) => {
      const ephemeral = { channel, user, message: { ts: nextTs(), ...said } };
      ephemerals.push(ephemeral);
      if (ephemerals.length > maxEphemerals) ephemerals.shift();
      tell({ type: 'ephemeral', ...ephemeral });
      return ephemeral;
    },
    ephemerals: () => ephemerals,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clock,
  };
}

/** A message as the page shows it: without what it said before. */
export function shown(stored: StoredMessage): Message {
  return message.parse(stored);
}

function eventsOf(before: Workspace, after: Workspace, change: Change): UiEvent[] {
  switch (change.kind) {
    case 'posted':
      return [
        { type: 'posted', message: shown(change.message) },
        ...changedAt(after, change.message.channel, change.message.thread_ts),
      ];
    case 'edited':
      return changedAt(after, change.channel, change.ts);
    case 'deleted': {
      const { channel, ts } = change;
      const gone = messageAt(before, channel, ts);
      // A parent with replies stays as a tombstone.
      const stays = changedAt(after, channel, ts);
      return [
        ...(stays.length > 0 ? stays : [{ type: 'deleted', channel, ts } as const]),
        ...changedAt(after, channel, gone?.thread_ts),
      ];
    }
    case 'home':
      return [{ type: 'home', user: change.home.user, view: change.home.view }];
    default:
      return [];
  }
}

function changedAt(workspace: Workspace, channel: string, ts: string | undefined): UiEvent[] {
  const found = ts === undefined ? undefined : messageAt(workspace, channel, ts);
  return found === undefined ? [] : [{ type: 'edited', message: shown(found) }];
}
