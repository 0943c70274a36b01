import { pino, type Logger } from 'pino';

export type { Logger };

export type LogSettings = {
  readonly level: string;
  readonly format: 'pretty' | 'json';
};

/**
 * Structured logs on standard error, so that standard output stays the command's own.
 * error = a person must act, warn = it healed itself but look, info = a fact about the business.
 * Keys and tokens never reach a line, wherever a caller puts them.
 */
export async function createLog(settings: LogSettings): Promise<Logger> {
  const options = {
    level: settings.level,
    redact: ['*["x-api-key"]', '*.authorization', 'apiKey', '*.apiKey', 'token', '*.token'],
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (settings.format === 'json') return pino(options, pino.destination({ dest: 2, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      colorize: process.stderr.isTTY,
      destination: 2,
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss',
    }),
  );
}

/** A log that says nothing, for pure callers and tests. */
export const silent: Logger = pino({ level: 'silent' });
