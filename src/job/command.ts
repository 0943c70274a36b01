import { createClock, type Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { help } from './help.ts';
import { readRunOptions } from './options.ts';
import type { Host } from './process/host.ts';
import { exitCodeOf } from './process/signals.ts';
import { runJob } from './run.ts';

/** What a wrapper exits with when the command was not begun, as timeout(1) and docker do. */
export const notBegun = 125;

/**
 * `ronda run`, with the words behind it.
 * @returns what to exit with: the job's exit code, 128+n for a signal, 126 and 127 as a shell has them, 125 when
 * it was not begun
 */
export async function runCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  host: Host,
): Promise<number> {
  const { out, err } = host.outputs;
  const dashes = argv.indexOf('--');
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  try {
    if (own.some((word) => word === '--help' || word === '-h')) {
      await out.write(Buffer.from(help));
      return 0;
    }
    const options = readRunOptions(argv, env);
    const ending = await runJob(options, { clock: clockOf(env), env, host });
    if (ending.how !== 'killed') return ending.code;
    host.endBy(ending.signal);
    return exitCodeOf(ending.signal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    await err.write(Buffer.from(`ronda: ${error.message}\n`)).catch(() => undefined);
    return notBegun;
  }
}

/** Ronda's clock, for nights at another hour. A setting that makes no sense keeps no job from running. */
function clockOf(env: Readonly<Record<string, string | undefined>>): Clock {
  const instant = (name: string): number | undefined => {
    const ms = Date.parse(env[name] ?? '');
    return Number.isNaN(ms) ? undefined : ms;
  };
  const speed = Number(env['RONDA_CLOCK_SPEED'] ?? '');
  return createClock({
    start: instant('RONDA_CLOCK_START'),
    origin: instant('RONDA_CLOCK_ORIGIN'),
    speed: speed > 0 && speed <= 100_000 ? speed : undefined,
  });
}
