import { msOf } from '../events/time.ts';
import type { BoardSpec, Route } from '../night/boards.ts';
import type { AlertRow } from '../store/alerts/alert-rows.ts';

/** The transport of a board's own channel. */
export const slackTransport = 'slack';

const toSlack: readonly Route[] = [{ to: slackTransport }];

/** The routes of a board; Slack is where alerts go unless it is said otherwise. */
export function routesOf({ routes = toSlack }: Pick<BoardSpec, 'routes'>): readonly Route[] {
  return routes;
}

/**
 * The transports that are to deliver an alert by now. Pure.
 * @param delivering those that have a delivery of it: they deliver it to its end, whatever the routes say since
 * @param now Ronda's time, ms UTC
 */
export function destinationsOf(
  board: Pick<BoardSpec, 'routes'>,
  alert: AlertRow,
  delivering: Iterable<string>,
  now: number,
): Set<string> {
  const fitting = routesOf(board).filter((route) => fits(route, alert) && isDue(route, alert, now));
  return new Set([...delivering, ...fitting.map(({ to }) => to)]);
}

function fits({ severity, kinds, services }: Route, alert: AlertRow): boolean {
  return (
    (severity?.includes(alert.severity) ?? true) &&
    (kinds?.includes(alert.kind) ?? true) &&
    (services?.includes(alert.service_name) ?? true)
  );
}

/** An escalation is for what nobody looks after by then. */
function isDue(
  { after_minutes }: Route,
  { progress, state, transitions, created_at }: AlertRow,
  now: number,
): boolean {
  if (after_minutes === undefined) return true;
  const openedAt = msOf(transitions[0]?.at ?? created_at);
  return now >= openedAt + after_minutes * 60_000 && state === 'open' && progress.acknowledged === null;
}

/** What is wrong with the routes of boards: transports that are not set up. @param names of those that are */
export function routeProblems(boards: readonly BoardSpec[], names: readonly string[]): string[] {
  return boards.flatMap((board) =>
    routesOf(board)
      .filter(({ to }) => !names.includes(to) && !/^slack(?::|$)/.test(to))
      .map(({ to }) => `routes of the board ${board.name}: ${to} is not set up: see ${settingOf(to)}`),
  );
}

function settingOf(to: string): string {
  return `RONDA_${to.replace(/[:-]/g, '_').toUpperCase()}_...`;
}
