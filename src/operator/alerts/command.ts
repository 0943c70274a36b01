import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addList } from './list.ts';
import { addResend } from './resend.ts';
import { addTest } from './test.ts';

/** `ronda alerts list|test|resend`. */
export function addAlerts(program: Command, cli: CliContext): void {
  const command = program
    .command('alerts')
    .description('print alerts with their deliveries, try a transport, or deliver an alert again');
  addList(command, cli);
  addTest(command, cli);
  addResend(command, cli);
}
