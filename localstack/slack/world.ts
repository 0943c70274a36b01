import { randomBytes } from 'node:crypto';
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
  /** Takes away what was shown to one person. */
  readonly hide: (channel: string, ts: string) => void;
  readonly ephemerals: () => readonly Ephemeral[];
  readonly tell: (event: UiEvent) => void;
  readonly onEvent: (listener: (event: UiEvent) => void) => () => void;
  /** A trigger id, good once and for 3 s: https://docs.slack.dev/reference/methods/views.open */
  readonly newTrigger: (user: string) => string;
  /** The person behind a trigger id, or why it is no good. */
  readonly useTrigger: (id: string) => { readonly user: string } | { readonly error: string };
  readonly clock: Clock;
};

export type Said = { readonly text: string; readonly blocks?: readonly KeptBlock[] };

const maxEphemerals = 200;
const triggerMs = 3_000;

export function openWorld(journal: Journal, clock: Clock): World {
  let { workspace } = journal;
  let micros = workspace.micros;
  const listeners = new Set<(event: UiEvent) => void>();
  const ephemerals: Ephemeral[] = [];
  const triggers = new Map<string, { user: string; at: number; used: boolean }>();

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
    hide: (channel, ts) => {
      const index = ephemerals.findIndex((one) => one.channel === channel && one.message.ts === ts);
      if (index === -1) return;
      ephemerals.splice(index, 1);
      tell({ type: 'deleted', channel, ts });
    },
    ephemerals: () => ephemerals,
    tell,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    newTrigger: (user) => {
      const now = clock.real();
      for (const [id, { at }] of triggers) if (now - at > 10 * triggerMs) triggers.delete(id);
      const id = `${now}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
      triggers.set(id, { user, at: now, used: false });
      return id;
    },
    useTrigger: (id) => {
      const trigger = triggers.get(id);
      if (trigger === undefined) return { error: 'invalid_trigger_id' };
      if (clock.real() - trigger.at > triggerMs) return { error: 'expired_trigger_id' };
      if (trigger.used) return { error: 'exchanged_trigger_id' };
      trigger.used = true;
      return { user: trigger.user };
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
