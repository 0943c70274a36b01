import type { Command } from 'commander';

/** For the list of commands alone: src/cli.ts hands `ronda run` over before anything of this is loaded. */
export function listRun(program: Command): void {
  program
    .command('run')
    .usage('ID [options] -- COMMAND [ARGUMENTS]')
    .description('run a job and report on it; output, exit code, signals pass unchanged');
}
