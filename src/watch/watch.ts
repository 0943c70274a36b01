import { transportsOn } from '../alerts/context.ts';
import { readSnapshot, type Snapshot } from '../board/read-board.ts';
import { pause, realSpan } from '../clock.ts';
import { nightKey, type BoardSpec } from '../night/boards.ts';
import { nightsInView, type SlotsLook } from '../night/plan.ts';
import { queryAlerts } from '../store/alerts/alert-rows.ts';
import { queryNight } from '../store/messages/messages.ts';
import { createAlertExecutor, unconditionally } from './carry-out-alert.ts';
import { checkSlots } from './check-slots.ts';
import { openStaleAlerts } from './check-stale.ts';
import type { WatchContext } from './context.ts';
import { plan, type Action, type RoundInput } from './plan.ts';
import { boardInputs, summaryOfNight } from './read-night.ts';

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
/** How often what became of slots is looked at, beside each deadline that passes. Ronda ms. */
const slotsEveryMs = 15_000;
/** An alert that has not been posted by then, whatever became of its notice, is posted by the watch. */
const unpostedAfterMs = 600_000;

/** Evaluates the plan of every board every second or two, in every replica, and carries it out. */
export function startWatch(context: WatchContext, options: WatchOptions): Watch {
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
  context: WatchContext,
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
    await guarded(context.switches.refresh);
    // A board that cannot be watched is no reason to leave the others.
    for (const watch of watches) await guarded(() => watch(signal));
  };
}

function createBoardWatch(context: WatchContext, board: BoardSpec, options: WatchOptions) {
  const { clock, coverageMonitor } = context;
  const display = context.displayOf(board);
  const since = clock.now();
  /** Nothing is known of what is expected before the first look. */
  const firstLook: SlotsLook = { last: -Infinity, everyMs: slotsEveryMs, nextDeadline: -Infinity };
  let slots: SlotsLook | null = firstLook;
  let last = { live: -Infinity, oldNights: -Infinity, emptySummary: -Infinity, stale: -Infinity };
  const done = (what: keyof typeof last, at = clock.monotonic()): void => {
    last = { ...last, [what]: at };
  };
  const planInput = (): RoundInput['input'] => ({
    now: clock.now(),
    real: clock.real(),
    monotonic: clock.monotonic(),
    watermark: coverageMonitor.current().watermark,
    judgedAt: coverageMonitor.current().judgedAt,
    summaryWait: realSpan(clock, summaryWaitMs),
    since,
    tolerance: realSpan(clock, toleranceMs),
    unpostedAfter: realSpan(clock, unpostedAfterMs),
    leaseMs: context.leaseMs,
    liveEveryMs: options.live ? (options.liveEveryMs ?? liveEveryMs) : null,
    staleEveryMs: options.staleCheckMs,
    slots,
    last,
  });

  return async (signal: AbortSignal): Promise<void> => {
    const failures: unknown[] = [];
    /** What fails is no reason to leave the other actions: a row that cannot be read would stop the watch. */
    const attempt = async (
      what: string,
      work: () => Promise<unknown>,
      under = display.attempt,
    ): Promise<void> => {
      if (signal.aborted) return;
      try {
        await under(what, async () => {
          await work();
        });
      } catch (error) {
        failures.push(error);
      }
    };
    await attempt('the board', () => display.continueBoard(signal));

    const input = planInput();
    const nights = nightsInView(board, input);
    if (nights.length > 2) done('oldNights', input.monotonic);
    const found = await readNights(context, board, nights);
    const view: RoundInput = { board, ...found, transports: transportsOn(context), input };
    const actions = plan(view);

    // All rows are read once a round, and only when something wants them.
    let read: Promise<Snapshot> | undefined;
    const snapshot = async (): Promise<Snapshot> => {
      read ??= readSnapshot(context, { coverage: coverageMonitor.current() });
      const found = await read;
      // Whoever expects something for the first time is seen by the next look at the board.
      if (slots === null && isAnythingExpected(found)) slots = firstLook;
      return found;
    };
    const executor = await createAlertExecutor(context, view, actions, attempt);
    const carryOut = async (action: Action): Promise<void> => {
      switch (action.do) {
        case 'post-board':
          if (action.live) done('live');
          await attempt('the board', async () => {
            const inputs = await boardInputs(context, board, action, await snapshot(), view);
            await display.showBoard(inputs, signal);
          });
          break;
        case 'update-group':
          await attempt(action.message.message_key, () => display.updateGroup(action.message));
          break;
        case 'recheck':
          await attempt(action.message.message_key, () => display.recheck(action.message));
          break;
        case 'check-stale':
          await attempt(
            'stale jobs',
            async () => {
              const opened = await openStaleAlerts(
                context,
                board,
                action.night,
                await snapshot(),
                view.alerts,
              );
              done('stale', input.now);
              for (const alert of opened) await executor.deliverAll(alert);
            },
            unconditionally,
          );
          break;
        case 'check-slots':
          await attempt(
            'slots',
            async () => {
              const found = await snapshot();
              const { changed, nextDeadline } = await checkSlots(context, board, found);
              slots = isAnythingExpected(found)
                ? { last: input.now, everyMs: slotsEveryMs, nextDeadline }
                : null;
              for (const alert of changed) await executor.deliverAll(alert);
            },
            unconditionally,
          );
          break;
        case 'post-summary':
          await attempt('the summary', async () => {
            const summary = await summaryOfNight(context, board, action.night, await snapshot());
            if (summary === undefined) done('emptySummary');
            else await display.showSummary(summary, action.complete);
          });
          break;
        default:
          await executor.carryOut(action);
      }
    };
    for (const action of actions) await carryOut(action);
    if (failures.length > 0) throw new AggregateError(failures, `the board ${board.name} is not all done`);
  };
}

function isAnythingExpected({ rows }: Snapshot): boolean {
  return [...rows.values()].some(({ expectation }) => expectation !== null);
}

async function readNights({ store }: WatchContext, board: BoardSpec, nights: readonly { date: string }[]) {
  const keys = nights.map(({ date }) => nightKey(board, date));
  const [messages, found] = await Promise.all([
    Promise.all(keys.map((key) => queryNight(store, key))),
    Promise.all(keys.map((key) => queryAlerts(store, key))),
  ]);
  return {
    messages: messages.flat(),
    alerts: found.flatMap(({ alerts }) => alerts),
    deliveries: found.flatMap(({ deliveries }) => deliveries),
  };
}
