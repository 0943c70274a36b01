/** What a request prefers (RFC 7240), as far as Ronda can honour it. */
export type Preferences = {
  /** How long to hold the answer until the event is applied, in seconds. */
  readonly wait?: number;
  readonly respondAsync: boolean;
};

const maxWaitSeconds = 10;

/** Reads a `Prefer` header; a preference that is not understood is none, as the RFC has it. Pure. */
export function readPreferences(header: string | undefined): Preferences {
  const preferences = new Map<string, string>();
  for (const part of (header ?? '').split(',')) {
    const [name = '', value = ''] = part.split(';', 1).join('').split('=', 2);
    const key = name.trim().toLowerCase();
    // Of a preference that is repeated the first counts.
    if (!preferences.has(key)) preferences.set(key, value.trim().replace(/^"(.*)"$/, '$1'));
  }
  const wait = preferences.get('wait') ?? '';
  const respondAsync = preferences.has('respond-async');
  if (!/^\d{1,9}$/.test(wait)) return { respondAsync };
  return { wait: Math.min(Number(wait), maxWaitSeconds), respondAsync };
}
