import { weekdays, type Calendar } from '../events/rules.ts';
import { addDays } from './local-time.ts';

/** Which days are business days. Dates are `yyyy-MM-dd`. */

/** Without a calendar Saturdays and Sundays are no business days. */
const plain: Calendar = { weekend: ['sat', 'sun'], holidays: [], workdays: [] };

/** Further back than that no business day is looked for: a calendar may have a thousand holidays. */
const maxDaysBack = 1_100;

/** The name of the holiday that a date is, where it is one and not worked all the same; a holiday without a name is one, too. */
export function holidayOn(date: string, { holidays, workdays }: Calendar = plain): string | undefined {
  const found = holidays.find((one) => one.date === date);
  return found === undefined || workdays.includes(date) ? undefined : (found.name ?? 'a holiday');
}

/** Whether a date is worked, holidays left aside. */
export function isWeekday(date: string, { weekend, workdays }: Calendar = plain): boolean {
  const day = weekdays[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7];
  return workdays.includes(date) || day === undefined || !weekend.includes(day);
}

/** Whether a date is a business day. */
export function isBusinessDay(date: string, calendar: Calendar | undefined): boolean {
  return isWeekday(date, calendar) && holidayOn(date, calendar) === undefined;
}

/** Of each calendar, the business days before dates: many slots ask for the same one, and a calendar may be long. */
const daysBefore = new WeakMap<Calendar, Map<string, string>>();

/** The business day before a date; the day before where a calendar has none. */
export function businessDayBefore(date: string, calendar: Calendar = plain): string {
  const known = daysBefore.get(calendar) ?? new Map<string, string>();
  const day = known.get(date) ?? lookBack(date, calendar);
  daysBefore.set(calendar, known.set(date, day));
  return day;
}

function lookBack(date: string, calendar: Calendar): string {
  for (let back = 1; back <= maxDaysBack; back += 1) {
    const day = addDays(date, -back);
    if (isBusinessDay(day, calendar)) return day;
  }
  return addDays(date, -1);
}

/** Whether a date is the first (`step` -1), or the last (`step` 1), business day of its month. */
export function isOutermost(date: string, calendar: Calendar | undefined, step: -1 | 1): boolean {
  if (!isBusinessDay(date, calendar)) return false;
  const month = date.slice(0, 7);
  for (let day = addDays(date, step); day.startsWith(month); day = addDays(day, step)) {
    if (isBusinessDay(day, calendar)) return false;
  }
  return true;
}
