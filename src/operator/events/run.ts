import { UsageError } from '../../errors.ts';
import { eventTypes, type EventType, type RecordedEvent } from '../../events/event.ts';
import { lastKeyAt } from '../../events/order.ts';
import { reportTypes } from '../../events/report-types.ts';
import { endOfKeys, hasEvents, readBetween } from '../../store/events/event-store.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { eventHeading, eventJson, eventText } from './text.ts';
import type { EventsOptions } from './options.ts';
import { instantOf } from '../moment.ts';
import { printable } from '../../printable.ts';
import { liveLine, progressText } from '../../terminal.ts';

const defaultLimit = 100;

/** What `ronda events` does. */
export async function run(
  cli: CliContext,
  { store, clock }: CliConnection,
  options: EventsOptions,
): Promise<void> {
  const { stdout, stderr } = cli;
  const { ID, all, json } = options;
  const now = clock.now();
  const from = options.from === undefined ? '' : instantOf(options.from, now);
  const to = options.to === undefined ? undefined : instantOf(options.to, now);
  if (to !== undefined && from > to)
    throw new UsageError('--from, --to: the first must not lie after the second');
  const wanted = new Set<EventType>((options.type ?? reportTypes).map((name) => eventTypes[name].type));
  const stop = cli.stopAsked();
  const line = liveLine(stderr, clock);
  const began = clock.monotonic();
  const print = (recorded: RecordedEvent): void => {
    stdout.write(`${json ? eventJson(recorded) : eventText(recorded)}\n`);
  };
  const heading = (): void => {
    if (!json) stdout.write(`${eventHeading}\n`);
  };

  const last = newest(options.limit ?? defaultLimit);
  let [read, found] = [0, 0];
  for await (const recorded of readBetween(store, ID, from, to === undefined ? endOfKeys : lastKeyAt(to))) {
    if (stop.aborted) break;
    read += 1;
    if (!wanted.has(recorded.event.type)) continue;
    found += 1;
    if (!all) {
      last.add(recorded);
      line.show(() => progressText('events read', read, 0, clock.monotonic() - began));
    } else {
      if (found === 1) heading();
      print(recorded);
    }
  }
  line.clear();
  if (stop.aborted) cli.exitWith(exit.stopped);
  if (found === 0) {
    const known = read > 0 || (await hasEvents(store, ID));
    stderr.write(known ? 'No such event.\n' : `No event of a scheduler ${printable(ID)}.\n`);
    if (!known) cli.exitWith(exit.wrong);
    return;
  }
  if (all) return;
  const shown = last.inOrder();
  heading();
  for (const recorded of shown) print(recorded);
  if (found > shown.length)
    stderr.write(`${found - shown.length} older ones are not shown: --limit, --from or --all.\n`);
}

/** Keeps the last so many of what it is given, and no more. */
function newest(limit: number): {
  readonly add: (recorded: RecordedEvent) => void;
  readonly inOrder: () => RecordedEvent[];
} {
  const ring: RecordedEvent[] = [];
  let added = 0;
  return {
    add: (recorded) => {
      ring[added % limit] = recorded;
      added += 1;
    },
    inOrder: () => [...ring.slice(added % limit), ...ring.slice(0, added % limit)],
  };
}
