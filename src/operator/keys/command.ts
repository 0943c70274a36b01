import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { askOn, type Ask } from './ask.ts';
import { addCreate } from './create-command.ts';
import { addList } from './list-command.ts';
import { addRevoke } from './revoke-command.ts';
import { addRotate } from './rotate-command.ts';

/** `ronda keys`. @param ask how it makes sure before it ends a key */
export function addKeys(
  program: Command,
  cli: CliContext,
  ask: Ask = askOn(() => process.stdin, cli.stderr, cli.stopAsked),
): void {
  const keys = program.command('keys').description('make, list, replace and revoke API keys');
  addCreate(keys, cli);
  addList(keys, cli);
  addRotate(keys, cli);
  addRevoke(keys, cli, ask);
  keys.addHelpText(
    'after',
    `
Examples:
  $ ronda keys create billing --service billing
  $ ronda keys list --all
  $ ronda keys rotate billing --grace 7d`,
  );
}
