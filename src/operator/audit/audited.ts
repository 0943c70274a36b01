import { utc } from '../../events/time.ts';
import { UsageError } from '../../errors.ts';
import { redacted } from '../../job/output/redact.ts';
import { printable } from '../../printable.ts';
import type { Store } from '../../store/store.ts';
import type { CliContext } from '../cli-context.ts';
import { writeRecord, type AuditRecord } from './records.ts';

type Details = AuditRecord['details'];

/** What is about to be done, in the words of its command, and with what was asked for. Never a secret. */
export type Act = { readonly act: string; readonly details: Details };

/** Does it, noting what comes of it as it goes. @returns false when nothing was done after all */
export type Work = (note: (more: Details) => void) => Promise<boolean>;

/**
 * Does what changes something, and leaves a record of it: who did what, when, and what came of it. A record that
 * cannot be written takes nothing from the act, which is done: it is said, and no more.
 * @throws what `work` throws. A user's mistake leaves no record, for nothing was done
 */
export async function audited(
  { who, stderr }: CliContext,
  store: Store,
  { act, details }: Act,
  work: Work,
): Promise<void> {
  let noted = details;
  const note = (more: Details): void => {
    noted = { ...noted, ...more };
  };
  const leave = async (outcome: AuditRecord['outcome']): Promise<void> => {
    const at = utc(store.clock.real());
    try {
      await writeRecord(store, { at, by: who(), act, outcome, details: withoutKeys(noted) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      stderr.write(`"${act}" is ${outcome}, but the audit has no record of it: ${printable(why)}\n`);
    }
  };
  try {
    if (await work(note)) await leave('done');
  } catch (error) {
    note({ error: error instanceof Error ? error.message : String(error) });
    if (!(error instanceof UsageError)) await leave('failed');
    throw error;
  }
}

/** A filter may have been meant to find a key that leaked into a message. */
function withoutKeys(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? redacted(value, undefined) : value,
    ]),
  );
}
