import type { Logger } from '../log.ts';

/** What is looked at, by name. A check rejects where it fails. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>;
/** `ok`, or why not, by name. */
export type Verdicts = Readonly<Record<string, string>>;

/** Why a check fails, for people: what AWS answered goes to the log alone. */
export class Unwell extends Error {}

/** Carries out all checks at once. */
export async function carryOut(checks: Checks, log: Logger): Promise<Verdicts> {
  const verdicts = Object.entries(checks).map(async ([name, check]): Promise<[string, string]> => [
    name,
    await verdict(name, check, log),
  ]);
  return Object.fromEntries(await Promise.all(verdicts));
}

async function verdict(name: string, check: () => Promise<unknown>, log: Logger): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch (error) {
    if (error instanceof Unwell) {
      log.warn({ check: name, reason: error.message }, 'health check failed');
      return error.message;
    }
    log.warn({ err: error, check: name }, 'health check failed');
    return 'does not answer';
  }
}
