import type { Job } from './catalogue.ts';
import type { Random } from './random.ts';

/** One run of a job. Times are minutes of a six-hour night, from its start. */
export type Run = {
  readonly begin: number;
  /** When it ends, and how; `lost` ends without a word, at the night's end at the latest. */
  readonly end: number;
  readonly outcome: 'completed' | 'failed' | 'lost';
  /** When it stops being heard, and when it is heard again. */
  readonly staleJob?: { readonly from: number; readonly until: number };
  /** Failed of what brought down others too. */
  readonly inStorm?: boolean;
  /** Completed, and did nothing. */
  readonly isEmpty?: boolean;
};

/** What becomes of a job in a night. */
export const roles = [
  'sound',
  'begins-late',
  'is-empty',
  'never-starts',
  'recovers',
  'recovers-late',
  'fails-twice',
  'fails',
  'falls-silent',
  'is-lost',
  'storm-recovers',
  'storm-fails',
] as const;
export type Role = (typeof roles)[number];

/** The faults of a night of 40, the most telling first; a larger fleet has no more of them. */
const script: readonly Role[] = [
  'recovers',
  'never-starts',
  'falls-silent',
  'fails',
  'is-lost',
  'recovers',
  'fails-twice',
  'recovers-late',
  ...Array.from({ length: 12 }, (_, n) => (n % 3 === 2 ? 'storm-fails' : 'storm-recovers')),
];

/** The role of each job of a fleet: at most half of it meets a fault. */
export function rolesOf(random: Random, count: number): Role[] {
  const faults = script.slice(0, Math.floor(count / 2));
  return random.shuffled(Array.from({ length: count }, (_, n) => faults[n] ?? 'sound'));
}

/** A fleet of this size has also one job that begins late, and one that is done too soon and did nothing. */
const wholeFleet = 40;
/** A job that takes at least so long is told from one that did nothing. Minutes. */
const longEnough = 10;

/**
 * The roles of `rolesOf` with the two whose statuses are those of a sound night: only what is expected of them tells that
 * something is wrong. Pure.
 */
export function withSilentFaults(roles: readonly Role[], jobs: readonly Job[]): Role[] {
  if (roles.length < wholeFleet) return [...roles];
  const late = roles.indexOf('sound');
  const empty = roles.findIndex(
    (role, n) => role === 'sound' && n !== late && (jobs[n]?.shortest ?? 0) >= longEnough,
  );
  return roles.map((role, n) => (n === late ? 'begins-late' : n === empty ? 'is-empty' : role));
}

/** When the shared database goes away; the storm's failures follow within `stormLength`. Minutes. */
export function stormOf(random: Random): number {
  return random.between(152, 195);
}
const stormLength = 6;
/** The night's own length in these minutes. */
export const nightLength = 360;

/**
 * The runs of a job in a role. Failures outside the storm lie either before minute 130 or after minute 210, and
 * the storm between, so that a night always tells the same tale.
 */
export function runsOf(role: Role, job: Job, storm: number, random: Random): Run[] {
  const { between } = random;
  const duration = (): number => between(job.shortest, job.longest);
  const completed = (begin: number): Run => ({ begin, end: begin + duration(), outcome: 'completed' });
  const failed = (begin: number, shortest: number, longest: number): Run => ({
    begin,
    end: begin + between(shortest, longest),
    outcome: 'failed',
  });
  const again = ({ end }: Run, soonest: number, latest: number): number => end + between(soonest, latest);

  switch (role) {
    case 'never-starts':
      return [];
    case 'sound':
      return [completed(scheduled(random, 0, 270))];
    case 'begins-late':
      return [completed(scheduled(random, 60, 270))];
    case 'is-empty': {
      const begin = scheduled(random, 0, 270);
      return [{ begin, end: begin + between(2, 3), outcome: 'completed', isEmpty: true }];
    }
    case 'recovers': {
      const first = failed(scheduled(random, 5, 105), 2, 20);
      return [first, completed(again(first, 10, 40))];
    }
    case 'recovers-late': {
      const first = failed(scheduled(random, 215, 235), 2, 15);
      return [first, completed(again(first, 10, 25))];
    }
    case 'fails-twice': {
      const first = failed(scheduled(random, 5, 50), 2, 15);
      const second = failed(again(first, 10, 25), 2, 15);
      return [first, second, completed(again(second, 10, 25))];
    }
    case 'fails':
      return [failed(scheduled(random, 220, 265), 2, 20)];
    case 'falls-silent': {
      const begin = scheduled(random, 30, 90);
      const from = begin + between(10, 20);
      const until = from + between(80, 110);
      return [{ begin, end: until + between(8, 20), outcome: 'completed', staleJob: { from, until } }];
    }
    case 'is-lost': {
      const begin = scheduled(random, 100, 180);
      const staleJob = { from: begin + between(10, 20), until: nightLength };
      return [{ begin, end: nightLength, outcome: 'lost', staleJob }];
    }
    case 'storm-recovers': {
      const first = stormRun(storm, random);
      return [first, completed(again(first, 20, 60))];
    }
    case 'storm-fails':
      return [stormRun(storm, random)];
  }
}

/** Was running when the storm broke, and failed within it. */
function stormRun(storm: number, { between }: Random): Run {
  return {
    begin: storm - between(4, 45),
    end: storm + between(0, stormLength),
    outcome: 'failed',
    inStorm: true,
  };
}

/** Schedules stand at round times, five minutes apart; a job begins up to half a minute later. */
function scheduled({ below, between }: Random, from: number, to: number): number {
  return from + 5 * below((to - from) / 5 + 1) + between(0, 0.5);
}
