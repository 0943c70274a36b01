import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { repeated } from '../repeated.ts';

export type PlanFlags = {
  readonly service: readonly string[];
  readonly scheduler: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly for?: string;
  readonly reason: string;
  readonly json?: boolean;
};
export type ListFlags = { readonly all?: boolean; readonly json?: boolean };

const examples = `
Examples:
  $ ronda maintenance plan --service ledger --for 2h --reason 'new disks'
  $ ronda maintenance list
  $ ronda maintenance end 0b7a3b52-6f86-4a2c-9d0e-3f7f6d1c2a12
`;

/** `ronda maintenance`: times in which failures call nobody, and deadlines wait. */
export function addMaintenance(program: Command, cli: CliContext): void {
  const own = program
    .command('maintenance')
    .description('plan, list and end maintenance: failures inside call nobody, deadlines move to its end');
  own
    .command('plan')
    .description('plan one; a slot that is past already is judged as before')
    .option('--service <name>', 'for its schedulers; may be given again', repeated, [])
    .option('--scheduler <id>', 'for this one; may be given again', repeated, [])
    .option('--from <time>', 'ISO 8601 with offset or Z (default: now)')
    .option('--until <time>', 'likewise')
    .option('--for <duration>', 'or how long it lasts, like 90m or 2h')
    .requiredOption('--reason <text>', 'shown wherever it excuses something')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (flags: PlanFlags) => {
      const { plan } = await import('./run.ts');
      await cli.withConnection(({ store }) => plan(cli, store, flags));
    });
  own
    .command('list')
    .description('print what is planned and not over')
    .option('--all', 'what is over, too')
    .option('--json', 'print one JSON object a line')
    .action(async (flags: ListFlags) => {
      const { list } = await import('./run.ts');
      await cli.withConnection(({ store }) => list(cli, store, flags));
    });
  own
    .command('end')
    .argument('<id>', 'as "list" prints it')
    .description('end one now, or call it off')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { end } = await import('./run.ts');
      await cli.withConnection(({ store }) => end(cli, store, id, json));
    });
  own.addHelpText('after', examples);
}
