import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { BoardSpec } from '../../night/boards.ts';
import type { MessageTable } from '../../store/messages/messages.ts';
import type { StateTable } from '../../store/state/state-rows.ts';
import type { Owners } from './alerts/owners.ts';
import type { SlackApi } from './api.ts';
import type { Messenger } from './messenger/messenger.ts';
import type { KeyedMutex } from './keyed-mutex.ts';

/** What everything that posts to a channel works on. */
export type SlackContext = {
  readonly table: MessageTable;
  /** What was posted in a channel lately. */
  readonly state: StateTable;
  readonly api: Pick<SlackApi, 'permalink' | 'post'>;
  readonly messenger: Messenger;
  /** Called with the channel whenever Slack took a message. */
  readonly onPosted: Set<(channel: string) => void>;
  readonly owners: Owners;
  /** The process's own: alerts that come together would else lose the rows they share to each other. */
  readonly exclusively: KeyedMutex;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly tableKind: 'table' | 'data_table';
  readonly clock: Clock;
  readonly log: Logger;
};
