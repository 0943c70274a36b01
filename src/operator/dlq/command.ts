import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usersEditor, type Editor } from './edit.ts';
import { repeated } from '../repeated.ts';

type Given = Readonly<Record<string, unknown>>;
type Queue = string | undefined;

const queueArgument = ['[queue]', 'events or notices (default: events)'] as const;
const filterOption = ['--filter <text>', 'only those whose body or reason contains it, or /regex/'] as const;
const idOption = ['--id <id>', 'only this one; may be repeated'] as const;

const examples = {
  all: `
Examples:
  $ ronda dlq list notices
  $ ronda dlq redrive --dry-run
  $ ronda dlq discard --filter smoke-test --yes
`,
  list: `
Exit code 1 when there are any.

Examples:
  $ ronda dlq list
  $ ronda dlq list notices --limit 5 --full
  $ ronda dlq list --json
`,
  redrive: `
What is still bad comes back with its reason. What was applied already
changes nothing.

Examples:
  $ ronda dlq redrive --dry-run --filter /^timestamp:/
  $ ronda dlq redrive --limit 10
  $ ronda dlq redrive notices --json
`,
  discard: `
Prints each message as one line of JSON before it goes: "> file" keeps them.

Examples:
  $ ronda dlq discard --filter smoke-test --yes
  $ ronda dlq discard notices --yes
`,
} as const;

/** @param editor what `redrive --edit` edits with; the user's own unless given */
export function addDlq(program: Command, cli: CliContext, editor?: Editor): void {
  const dlq = program
    .command('dlq')
    .description('messages that could not be applied: list them, send them again, or discard them')
    .addHelpText('after', examples.all);
  dlq
    .command('list')
    .description('show each dead letter: its id, age, reason and body')
    .argument(...queueArgument)
    .option('--limit <n>', 'at most so many (default: 100)')
    .option('--full', 'bodies whole, not just how they begin')
    .option('--json', 'print one JSON object a line, body whole')
    .addHelpText('after', examples.list)
    .action(async (queue: Queue, given: Given) => {
      const { readListOptions } = await import('./options.ts');
      const chosen = readListOptions(queue, given);
      const { list } = await import('./list.ts');
      const { atDeadQueue } = await import('./at-dead-queue.ts');
      await atDeadQueue(cli, chosen.QUEUE, (work) => list(work, chosen));
    });
  dlq
    .command('redrive')
    .description('send dead letters to their queue again; none is ever lost')
    .argument(...queueArgument)
    .option(...filterOption)
    .option(...idOption, repeated)
    .option('--edit', 'open each body in $VISUAL or $EDITOR first; unchanged, it stays')
    .option('--limit <n>', 'send at most so many (default: all)')
    .option('--dry-run', 'show which would be sent, and send none')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', examples.redrive)
    .action(async (queue: Queue, given: Given) => {
      const { readRedriveOptions } = await import('./options.ts');
      const chosen = readRedriveOptions(queue, given);
      const isTerminal = cli.stderr.isTTY === true && process.stdin.isTTY;
      const edits = chosen.edit ? (editor ?? usersEditor(cli.env, isTerminal)) : undefined;
      const { runRedrive } = await import('./redrive-run.ts');
      const { atDeadQueue } = await import('./at-dead-queue.ts');
      await atDeadQueue(cli, chosen.QUEUE, (work) => runRedrive(work, chosen, edits));
    });
  dlq
    .command('discard')
    .description('take dead letters out of their queue for good; needs --yes')
    .argument(...queueArgument)
    .option(...filterOption)
    .option(...idOption, repeated)
    .option('--yes', 'really; without it, only says how many would go')
    .option('--json', 'as without it: one JSON object a line')
    .addHelpText('after', examples.discard)
    .action(async (queue: Queue, given: Given) => {
      const { readDiscardOptions } = await import('./options.ts');
      const chosen = readDiscardOptions(queue, given);
      const { runDiscard } = await import('./discard-run.ts');
      const { atDeadQueue } = await import('./at-dead-queue.ts');
      await atDeadQueue(cli, chosen.QUEUE, (work) => runDiscard(work, chosen));
    });
}
