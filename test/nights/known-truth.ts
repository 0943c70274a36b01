import type { RecordedEvent, RondaEvent } from '../../src/events/event.ts';
import { eventKey } from '../../src/events/order.ts';
import { utc } from '../../src/events/time.ts';
import { heartbeat, recorded, registration, removal, snooze, status } from '../support/events.ts';
import { minute } from '../transports/slack/night/world.ts';

/** Nights of which it is known what somebody must be told: events as they arrive, and the truth about them. */

export type Arrival = {
  /** When the event reaches the consumer, ms UTC. */
  readonly at: number;
  readonly event: RecordedEvent;
};

export type KnownNights = {
  readonly arrivals: readonly Arrival[];
  /** Whole outages of ingress and consumer, and of Slack, ms UTC. */
  readonly outages: readonly { readonly from: number; readonly to: number; readonly of: 'us' | 'slack' }[];
  /** `<scheduler_id>/<event key>` of every failure that must be told, exactly once. */
  readonly failures: ReadonlySet<string>;
  /** Of those, the ones whose owner must not be called: they were over, or a day old. */
  readonly quiet: ReadonlySet<string>;
  /** `<scheduler_id>/<event key>` of the last sign of every silence that must be warned of, exactly once. */
  readonly staleJobs: ReadonlySet<string>;
  /** Every failure that was reported, told or not. */
  readonly reported: number;
};

const dayMs = 1_440 * minute;
/** The start of the first night, 00:00 in Jakarta, 24 November 2099. */
export const firstNight = Date.parse('2099-11-24T00:00:00+07:00');
export const owner = 'U0SARI';

/** A small generator that gives the same numbers for the same seed. */
function numbers(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, between: (from: number, to: number) => Math.floor(from + next() * (to - from)) };
}

export function knownNights(seed: number, nights: number): KnownNights {
  const { next, between } = numbers(seed);
  const arrivals: Arrival[] = [];
  const outages: { from: number; to: number; of: 'us' | 'slack' }[] = [];
  const failures = new Set<string>();
  const quiet = new Set<string>();
  const staleJobs = new Set<string>();
  let reported = 0;
  let ids = 0;
  let jobs = 0;

  const id = (): string => {
    ids += 1;
    return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  };
  /** An event that happens at an instant and arrives some time later, perhaps twice and once more much later. */
  const happens = (event: RondaEvent, lag = between(20, 2_000)): RondaEvent => {
    const at = Date.parse(event.occurred_at);
    const arrived = recorded(event, { accepted_at: utc(at + lag), sender: 'fleet' });
    arrivals.push({ at: at + lag, event: arrived });
    if (next() < 0.3) arrivals.push({ at: at + lag + between(1, 20 * minute), event: arrived });
    return event;
  };
  const keyOf = ({ scheduler_id, occurred_at, event_id }: RondaEvent): string =>
    `${scheduler_id}/${eventKey({ at: occurred_at, id: event_id })}`;

  for (let night = 0; night < nights; night += 1) {
    const start = firstNight + night * dayMs;
    const job = (fields = {}): string => {
      jobs += 1;
      const scheduler_id = `job-${jobs}`;
      const at = start - 60 * minute - jobs;
      happens(
        registration({
          scheduler_id,
          job_name: scheduler_id,
          alert_user_id: owner,
          occurred_at: utc(at),
          event_id: id(),
          ...fields,
        }),
      );
      return scheduler_id;
    };
    const says = (
      scheduler_id: string,
      what: 'running' | 'completed' | 'failed' | 'pending',
      at: number,
      lag?: number,
    ) =>
      happens(
        status({
          scheduler_id,
          job_name: scheduler_id,
          status: what,
          occurred_at: utc(at),
          event_id: id(),
          error_message: what === 'failed' ? 'disk full' : null,
        }),
        lag,
      );
    const fails = (scheduler_id: string, at: number, lag?: number): string => {
      reported += 1;
      return keyOf(says(scheduler_id, 'failed', at, lag));
    };
    const beats = (scheduler_id: string, from: number, to: number): void => {
      for (let at = from; at < to; at += 5 * minute)
        happens(heartbeat({ scheduler_id, occurred_at: utc(at), event_id: id() }));
    };
    const inNight = (): number => start + between(20, 300) * minute;

    // Fails, and nobody does anything; fails and recovers; fails and is retried 20 ms later, with and without luck.
    failures.add(fails(job(), inNight()));
    {
      const one = job();
      const at = inNight();
      failures.add(fails(one, at));
      says(one, 'completed', at + between(5, 40) * minute);
    }
    for (const lucky of [true, false]) {
      const one = job();
      const at = inNight();
      failures.add(fails(one, at));
      says(one, 'running', at + 20);
      if (lucky) says(one, 'completed', at + 8 * minute);
      else failures.add(fails(one, at + 8 * minute));
    }
    // Told of a day late: shown, calls nobody.
    {
      const old = fails(
        job(),
        start - between(26, 30) * 60 * minute,
        27 * 60 * minute + between(0, 2) * 60 * minute + 60 * minute,
      );
      failures.add(old);
      quiet.add(old);
    }
    // An hour late: calls.
    failures.add(fails(job(), start + 60 * minute, 60 * minute));
    // Removed before, never registered, inside a snooze: shown on the board alone. After a snooze: told.
    {
      const gone = job();
      const at = inNight();
      happens(removal({ scheduler_id: gone, occurred_at: utc(at - minute), event_id: id() }));
      fails(gone, at);
      fails(`stranger-${night}`, inNight());
      const asleep = job();
      const until = inNight();
      happens(
        snooze({
          scheduler_id: asleep,
          occurred_at: utc(until - 15 * minute),
          until: utc(until),
          event_id: id(),
        }),
      );
      fails(asleep, until - 5 * minute);
      failures.add(fails(asleep, until + minute));
    }
    // A storm within a minute.
    {
      const at = inNight();
      for (let n = 0; n < 11; n += 1) failures.add(fails(job(), at + n * 4_000));
    }
    // Falls silent; falls silent and comes back; reports late; lives; sends no heartbeats and says so.
    {
      const dead = job();
      const at = start + between(10, 200) * minute;
      staleJobs.add(keyOf(says(dead, 'running', at)));
      const back = job();
      staleJobs.add(keyOf(says(back, 'running', at)));
      says(back, 'completed', at + 60 * minute);
      const late = job();
      says(late, 'running', at, 40 * minute);
      says(late, 'completed', at + 50 * minute);
      const alive = job();
      says(alive, 'running', at);
      beats(alive, at + minute, at + 100 * minute);
      says(alive, 'completed', at + 100 * minute);
      const quietly = job({ heartbeat_timeout_minutes: 0 });
      says(quietly, 'running', at);
      says(quietly, 'completed', at + 120 * minute);
      const removed = job();
      says(removed, 'running', at);
      happens(removal({ scheduler_id: removed, occurred_at: utc(at + 5 * minute), event_id: id() }));
    }
    // In every other night nobody hears for half an hour, and later Slack is away.
    if (night % 2 === 1) outages.push({ from: start + 100 * minute, to: start + 130 * minute, of: 'us' });
    if (night % 2 === 1) outages.push({ from: start + 150 * minute, to: start + 175 * minute, of: 'slack' });
  }
  return {
    arrivals: arrivals.sort((a, b) => a.at - b.at),
    outages,
    failures,
    quiet,
    staleJobs,
    reported,
  };
}
