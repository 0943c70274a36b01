import { readFileSync } from 'node:fs';
import { boardSettings, type Settings } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { BoardSpec } from '../night/boards.ts';

/** The channel that the workspace on this machine begins with, for boards where `SLACK_CHANNEL` is not set. */
const localChannel = 'C0RONDA';

/**
 * The boards of the settings: those of the file that `RONDA_BOARDS` names, else the one that `EOD_*` describe.
 * @throws UsageError that names every mistake in the file
 */
export function boardsOf(settings: Settings): [BoardSpec, ...BoardSpec[]] {
  const { RONDA_BOARDS: file } = settings;
  const [first, ...others] = (file === undefined ? [] : readBoards(file)).map(
    ({ update_minutes, services, ...board }) => ({
      ...board,
      updateMinutes: update_minutes,
      services: services ?? null,
    }),
  );
  if (first !== undefined) return [first, ...others];
  return [
    {
      name: 'eod',
      channel: settings.SLACK_CHANNEL ?? localChannel,
      zone: settings.EOD_TIMEZONE,
      window: settings.EOD_WINDOW,
      updateMinutes: settings.EOD_UPDATE_MINUTES,
      services: null,
    },
  ];
}

function readBoards(file: string) {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`RONDA_BOARDS: ${file} cannot be read: ${why}`, { cause });
  }
  const parsed = boardSettings.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${path.map(String).join('.') || 'the file'}: ${message}`,
  );
  throw new UsageError(`RONDA_BOARDS: ${file} has mistakes:\n${problems.join('\n')}`);
}
