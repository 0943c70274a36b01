import type { CurrentState } from '../../../../projections/current-state.ts';
import { pause } from '../../../clock.ts';
import { nightKey, type BoardSpec } from '../../../night/boards.ts';
import { nightAt, previousNight, type Night } from '../../../night/night.ts';
import { boardKey, plan, type Action, type Reading } from '../../../night/plan.ts';
import { queryNight, type MessageRow } from '../../../store/messages/messages.ts';
import { readRows, scanRows } from '../../../store/projections/scheduler-rows.ts';
import { postAlert } from '../alerts/post-alert.ts';
import { realSpan, type SlackContext } from '../context.ts';
import { createSlackBackoff, noticingSuccess } from './slack-backoff.ts';
import { updateMessage, subjectsOf, type Rows } from './update-message.ts';
import { createBoardShow } from './post-board.ts';
import { postStaleWarnings } from './stale-warnings.ts';
import { postSummary } from './post-summary.ts';

export type WatchOptions = {
  /** Also bring the board up to date between its slots. */
  readonly live: boolean;
  /** How often it is looked whether the board changed, real ms. */
  readonly liveEveryMs?: number | undefined;
  /** How often stale jobs are looked for, Ronda ms. */
  readonly staleCheckMs: number;
};

export type Watch = {
  /** Starts nothing new; resolves when the round in hand is over. */
  readonly stop: () => Promise<void>;
};

/** All in real ms. */
const roundEveryMs = 1_500;
const liveEveryMs = 10_000;
const summaryWaitMs = 120_000;
const toleranceMs = 60_000;
/** An alert that has not been posted by then, whatever became of its notice, is posted by the watch. */
const unpostedAfterMs = 600_000;
/** Alerts of earlier nights still find their recovery, but are looked after more rarely. */
const oldNights = 7;
const oldEveryMs = 60_000;
/** Whether there was anybody to sum up is asked again this often. */
const emptyEveryMs = 60_000;

/** Evaluates the plan of every board every second or two, in every replica, and carries it out. */
export function startWatch(context: SlackContext, options: WatchOptions): Watch {
  const stopped = new AbortController();
  const { signal } = stopped;
  const round = createRound(context, options);
  const loop = (async () => {
    while (!signal.aborted) {
      await round(signal);
      await pause(roundEveryMs, signal);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await loop;
    },
  };
}

/** One round: what should be true by now, and is not, is done. What fails is logged, and tried again in the next. */
export function createRound(
  context: SlackContext,
  options: WatchOptions,
): (signal: AbortSignal) => Promise<void> {
  const watches = context.boards.map((board) => createBoardWatch(context, board, options));
  const guarded = async (look: () => Promise<unknown>): Promise<void> => {
    try {
      await look();
    } catch (error) {
      context.log.warn({ err: error }, 'the night watch could not look: it looks again');
    }
  };
  return async (signal) => {
    await guarded(context.coverageMonitor.assessCoverage);
    // A board that cannot be watched is no reason to leave the others.
    for (const watch of watches) await guarded(() => watch(signal));
  };
}

function createBoardWatch(whole: SlackContext, board: BoardSpec, options: WatchOptions) {
  const { clock, store, coverageMonitor } = whole;
  const slackBackoff = createSlackBackoff(clock, whole.log);
  const since = clock.now();
  let asked = '';
  const context = {
    ...whole,
    messenger: noticingSuccess(whole.messenger, () => {
      slackBackoff.over(asked);
    }),
  };
  const boardShow = createBoardShow(context, board);
  const last = { live: -Infinity, old: -Infinity, empty: -Infinity, stale: -Infinity };
  const isDue = (what: 'live' | 'old' | 'empty', everyMs: number): boolean => {
    if (clock.monotonic() - last[what] < everyMs) return false;
    last[what] = clock.monotonic();
    return true;
  };

  return async (signal: AbortSignal): Promise<void> => {
    const failures: unknown[] = [];
    /** What fails is no reason to leave the other actions: a row that cannot be read would stop the watch. */
    const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
      if (signal.aborted || !slackBackoff.mayTry(what)) return;
      asked = what;
      try {
        await work();
      } catch (error) {
        try {
          slackBackoff.met(error, what);
        } catch (other) {
          failures.push(other);
        }
      }
    };
    await attempt('the board', () => boardShow.goOn(signal));

    const reading = readingOf(context, since);
    const night = nightAt(reading.now, board);
    let old = previousNight(night);
    const nights = [night, old];
    if (isDue('old', oldEveryMs)) {
      for (let n = 2; n < oldNights; n += 1) nights.push((old = previousNight(old)));
    }
    const messages: MessageRow[] = [];
    for (const { date } of nights) messages.push(...(await queryNight(store, nightKey(board, date))));
    const actions = plan(board, messages, reading);

    // All rows are read once a round, and only when something wants them.
    let scanned: Promise<CurrentState[]> | undefined;
    const rows = (): Promise<CurrentState[]> => (scanned ??= Array.fromAsync(scanRows(store)));
    const show = (shownNight: Night, slot: number): Promise<void> =>
      attempt('the board', async () => {
        const inputs = { night: shownNight, slot, rows: await rows(), reading, messages };
        await boardShow.show(inputs, signal);
      });

    for (const action of actions) if (action.do === 'post-board') await show(action.night, action.slot);
    if (options.live && reading.now < night.end && isDue('live', options.liveEveryMs ?? liveEveryMs)) {
      const shown = messages.find(({ message_key }) => message_key === boardKey(board, night));
      const slot = actions.some((action) => action.do === 'post-board') ? undefined : slotOf(shown);
      if (slot !== undefined) await show(night, slot);
    }
    const subjects = await subjectRows(context, actions);
    for (const action of actions) {
      if (action.do === 'update-message') {
        await attempt(action.message.message_key, () => updateMessage(context, action.message, subjects));
      } else if (action.do === 'post-alert') {
        await attempt(action.message.message_key, async () => {
          await postAlert(context, action.message);
        });
      } else if (action.do === 'recheck') {
        await attempt(action.message.message_key, async () => {
          await context.messenger.recheck(action.message);
        });
      }
    }
    if (reading.now - last.stale >= options.staleCheckMs || reading.now < last.stale) {
      if (coverageMonitor.current().judgedAt !== null && reading.now < night.end) {
        await attempt('warnings', async () => {
          await postStaleWarnings(context, board, await rows(), warnedIn(messages));
          last.stale = reading.now;
        });
      }
    }
    for (const action of actions) {
      if (action.do === 'post-summary' && clock.monotonic() - last.empty >= emptyEveryMs) {
        await attempt('the summary', async () => {
          if (!(await postSummary(context, board, action.night, action.complete, await rows())))
            last.empty = clock.monotonic();
        });
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `the board ${board.name} is not all done`);
  };
}

function readingOf({ clock, coverageMonitor, leaseMs }: SlackContext, since: number): Reading {
  return {
    now: clock.now(),
    real: clock.real(),
    watermark: coverageMonitor.current().watermark,
    summaryWait: realSpan(clock, summaryWaitMs),
    since,
    tolerance: realSpan(clock, toleranceMs),
    unpostedAfter: realSpan(clock, unpostedAfterMs),
    leaseMs,
  };
}

async function subjectRows({ store }: SlackContext, actions: readonly Action<MessageRow>[]): Promise<Rows> {
  const ids = new Set(
    actions.flatMap((action) => (action.do === 'update-message' ? subjectsOf(action.message) : [])),
  );
  const rows = ids.size === 0 ? [] : await readRows(store, [...ids]);
  return new Map([...rows].flatMap(([id, { state }]) => (state === undefined ? [] : [[id, state]])));
}

/** The warnings that are known to be in Slack, or were deleted there. */
function warnedIn(messages: readonly MessageRow[]): Set<string> {
  const warned = messages.filter(
    ({ kind, ts, deleted }) => kind === 'stale' && (ts ?? deleted) !== undefined,
  );
  return new Set(warned.map(({ message_key }) => message_key));
}

/** The slot that a board shows already: between slots it changes only if a reader would see it. */
function slotOf(shown: MessageRow | undefined): number | undefined {
  const slot = shown?.details?.['slot'];
  return shown?.ts !== undefined && typeof slot === 'number' ? slot : undefined;
}
