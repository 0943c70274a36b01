import type { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import type { CliContext } from '../cli-context.ts';

/** What an operator names nights by. */
export type NightOptions = { readonly night?: string; readonly board?: string };
export type ResendOptions = NightOptions & {
  readonly to?: string;
  readonly failed?: boolean;
  readonly json?: boolean;
};

const examples = {
  list: `
A night is named by the local date on which it starts; without one it is the
current one.

Examples:
  $ ronda alerts list
  $ ronda alerts list --night 2026-11-23 --board eod --json
`,
  test: `
A transport that was turned off is on again when it takes the test. Exit code 1
when it does not take it.

Examples:
  $ ronda alerts test slack
  $ ronda alerts test webhook:ops --json
`,
  resend: `
What was given up is tried again from where it stopped; with --to, an alert is
delivered from its beginning: receivers know what they have by its id. The role
slack does it within seconds. Exit code 1 when there was nothing to deliver.

Examples:
  $ ronda alerts resend --failed
  $ ronda alerts resend 'eod/2026-11-23/alert/payroll/X#Y' --to webhook:ops
`,
} as const;

/** `ronda alerts list|test|resend`. */
export function addAlerts(program: Command, cli: CliContext): void {
  const alerts = program
    .command('alerts')
    .description('print alerts with their deliveries, try a transport, or deliver an alert again');
  alerts
    .command('list')
    .description('print the alerts of a night, each with what became of it where')
    .option('--night <date>', 'the local date on which the night starts, like 2026-11-23')
    .option('--board <name>', 'of this board alone')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples.list)
    .action(async (options: NightOptions & { readonly json?: boolean }) => {
      const { list } = await import('./list.ts');
      await cli.withConnection((connection) => list(cli, connection, options));
    });
  alerts
    .command('test')
    .description('send one alert that is marked as a test, and say what came back')
    .argument('<transport>', 'as routes name it: slack, slack:C0123ABCD, webhook:ops')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples.test)
    .action(async (name: string, { json = false }: { readonly json?: boolean }) => {
      const { test } = await import('./test.ts');
      await cli.withConnection((connection) => test(cli, connection, name, json));
    });
  alerts
    .command('resend')
    .description('deliver again what a transport did not take')
    .argument('[key]', 'the alert, as "ronda alerts list" prints it')
    .option('--failed', 'every delivery of a night that was given up')
    .option('--night <date>', 'with --failed: the night, by the local date on which it starts')
    .option('--board <name>', 'with --failed: of this board alone')
    .option('--to <transport>', 'to this transport alone')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples.resend)
    .action(async (key: string | undefined, options: ResendOptions) => {
      if ((key === undefined) !== (options.failed === true))
        throw new UsageError('name one alert, or give --failed');
      const { resend } = await import('./resend.ts');
      await cli.withConnection((connection) => resend(cli, connection, key, options));
    });
}
