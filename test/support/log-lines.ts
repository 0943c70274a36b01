import { pino, type Logger } from 'pino';
import { z } from 'zod';

const logLine = z.looseObject({ level: z.string(), msg: z.string() });
export type LogLine = z.infer<typeof logLine>;

/** A log that keeps what it is told, for tests of what is logged. */
export function keptLog(level = 'debug'): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const formatters = { level: (label: string) => ({ level: label }) };
  const write = (line: string): void => {
    lines.push(logLine.parse(JSON.parse(line)));
  };
  return { log: pino({ level, formatters }, { write }), lines };
}
