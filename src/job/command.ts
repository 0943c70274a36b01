import type { Command } from 'commander';
import { z } from 'zod';
import { clockOf, readSettings } from '../config.ts';
import type { Desk } from '../operator/desk.ts';
import { thisProcess, type Host } from './process/host.ts';
import { readRunOptions, runFlags, splitWords } from './options.ts';
import { runJob } from './run.ts';
import { exitCodeOf } from './process/signals.ts';

/** @param hostOf the process that the job runs under; this one unless given */
export function addRun(program: Command, { env, exitWith }: Desk, hostOf: () => Host = thisProcess): void {
  const command = program
    .command('run')
    .usage('ID [options] -- COMMAND [ARGUMENTS]')
    .argument('[words...]')
    .description('run a job and report on it; output, exit code, signals pass unchanged');
  for (const [flags, meaning] of runFlags) command.option(flags, meaning);
  command.addHelpText('after', help).action(async (words: string[], given: Record<string, unknown>) => {
    const options = readRunOptions(splitWords(words, lineOf(program)), given, env);
    const host = hostOf();
    const ending = await runJob(options, { clock: clockOf(readSettings(clockSettings(env))), env, host });
    if (ending.how !== 'killed') {
      exitWith(ending.code);
      return;
    }
    exitWith(exitCodeOf(ending.signal));
    host.endBy(ending.signal);
  });
}

const help = `
What Ronda cannot be told now is kept (RONDA_SPOOL_DIR) and sent by a later run.

Examples:
  $ ronda run billing:close-day -- sh -c 'echo closed'
  $ ronda run backup --heartbeat 5m --patience 1m -- tar -cf /dev/null .
  $ ronda run nightly.report --service reports --job Report -- true`;

/** Of the whole command line commander tells arguments without the dashes that part them. */
const parsedProgram = z.object({ rawArgs: z.array(z.string()) });

function lineOf(program: Command): readonly string[] {
  return parsedProgram.parse(program).rawArgs;
}

/** The environment is the job's: its PORT or LOG_LEVEL is none of ours, and must not keep it from running. */
function clockSettings(env: Desk['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('RONDA_CLOCK_')));
}
