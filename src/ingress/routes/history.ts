import type { RequestHandler } from 'express';
import { entryKey, initialEntry, type HistoryEntry } from '../../../projections/history.ts';
import { lastKeyAt } from '../../events/order.ts';
import { firstCounting, readHistory, type HistoryRange } from '../../store/projections/history-rows.ts';
import type { Store } from '../../store/store.ts';
import type { CurrentState } from '../../../projections/current-state.ts';
import { keyOf } from '../context.ts';
import { notFound } from '../http-errors.ts';
import { historyQuery, nextLink, readQuery } from '../query.ts';
import { sendArray, type IngressService } from '../service.ts';
import { entryView } from '../views.ts';
import { pathId, requireReadable, stateOf } from '../one-scheduler.ts';

/** A scheduler's changes of status, newest first; of a removed one too. */
export function getHistory({ store }: IngressService): RequestHandler {
  return async (request, response) => {
    const id = pathId(request.params['id']);
    const { limit, from, to, status, cursor } = readQuery(request, historyQuery);
    const state = await stateOf(store, id);
    if (state === undefined) throw notFound(id);
    requireReadable(keyOf(request), state);

    const page: HistoryEntry[] = [];
    for await (const entry of withInitial(store, state, { from, to, before: cursor })) {
      if (status !== undefined && entry.status !== status) continue;
      page.push(entry);
      if (page.length > limit) break;
    }
    const shown = page.slice(0, limit);
    const last = shown.at(-1);
    if (page.length > limit && last !== undefined)
      response.setHeader('Link', nextLink(request, entryKey(last)));
    sendArray(response, shown.map(entryView));
  };
}

/** The stored entries with the initial `pending`, which is stored nowhere, in its place. */
async function* withInitial(
  store: Store,
  state: CurrentState,
  range: HistoryRange,
): AsyncGenerator<HistoryEntry> {
  let initial = state.created === null ? undefined : initialEntry(state.scheduler_id, state.created);
  if (initial !== undefined && !within(store, entryKey(initial), range)) initial = undefined;
  for await (const entry of readHistory(store, state.scheduler_id, range)) {
    if (initial !== undefined && entryKey(initial) > entryKey(entry)) {
      yield initial;
      initial = undefined;
    }
    yield entry;
  }
  if (initial !== undefined) yield initial;
}

function within(store: Store, key: string, { from, to, before }: HistoryRange): boolean {
  return (
    key >= firstCounting(store, from) &&
    (to === undefined || key <= lastKeyAt(to)) &&
    (before === undefined || key < before)
  );
}
