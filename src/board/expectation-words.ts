import { durationText } from '../duration.ts';
import { readCron } from '../events/cron.ts';
import { nightly, type Expectation } from '../events/expectation.ts';

/** So many times of a day are named; a schedule with more is shown as it is written. */
const maxTimes = 4;

/**
 * What a job should do, for people: short texts, not escaped, the most telling first. Pure.
 * @param zone IANA zone of its board
 */
export function expectationWords(expectation: Expectation, zone: string): string[] {
  const { business_date, start_within_minutes, depends_on = [], severity, runbook_url } = expectation;
  return [
    [dueWords(expectation, zone), daysWords(expectation)].filter((words) => words !== '').join(' '),
    ...(business_date === 'previous' ? ['for the business day before'] : []),
    ...(start_within_minutes === undefined ? [] : [`begins within ${start_within_minutes} min`]),
    ...finishWords(expectation),
    ...durationWords(expectation),
    ...resultWords(expectation),
    ...(depends_on.length === 0 ? [] : [`waits for ${depends_on.join(', ')}`]),
    ...(severity === undefined || severity === 'normal' ? [] : [`severity ${severity}`]),
    ...(runbook_url === undefined ? [] : [`runbook at ${new URL(runbook_url).host}`]),
  ];
}

function dueWords({ schedule, timezone }: Expectation, zone: string): string {
  if (schedule === nightly) return 'due once in each night of its board';
  const cron = readCron(schedule);
  const written = `“${schedule}” (${timezone ?? zone})`;
  if (typeof cron === 'string' || cron.times.length > maxTimes) return `due by ${written}`;
  const times = cron.times.join(', ');
  return isDaily(schedule) ? `due daily at ${times} (${timezone ?? zone})` : `due at ${times} by ${written}`;
}

function isDaily(schedule: string): boolean {
  const [, , ...days] = schedule.trim().split(/\s+/);
  return days.every((field) => field === '*');
}

function daysWords({ days = 'all', calendar }: Expectation): string {
  const named = calendar === undefined ? '' : ` of the calendar ${calendar}`;
  switch (days) {
    case 'all':
      return calendar === undefined ? '' : `but on holidays${named}`;
    case 'business':
      return `on business days${named}`;
    case 'month-start':
      return `on the first business day of the month${named}`;
    case 'month-end':
      return `on the last business day of the month${named}`;
  }
}

function finishWords({ finish_by, finish_within_minutes }: Expectation): string[] {
  if (finish_by !== undefined) return [`ends by ${finish_by}`];
  return finish_within_minutes === undefined ? [] : [`ends within ${finish_within_minutes} min`];
}

function durationWords({ min_duration_ms: least, max_duration_ms: most }: Expectation): string[] {
  if (least !== undefined && most !== undefined)
    return [`takes ${durationText(least)} to ${durationText(most)}`];
  if (least !== undefined) return [`takes at least ${durationText(least)}`];
  return most === undefined ? [] : [`takes at most ${durationText(most)}`];
}

function resultWords({ results = [] }: Expectation): string[] {
  return results.map(({ path, at_least, at_most, equals }) => {
    const wanted = [
      ...(equals === undefined ? [] : [JSON.stringify(equals)]),
      ...(at_least === undefined ? [] : [`at least ${at_least}`]),
      ...(at_most === undefined ? [] : [`at most ${at_most}`]),
    ];
    return `${path} is ${wanted.join(' and ')}`;
  });
}
