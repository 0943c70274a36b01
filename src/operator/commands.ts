import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addAlerts } from './alerts/command.ts';
import { addApply } from './apply/command.ts';
import { addExportConfig } from './apply/export-command.ts';
import { addAudit } from './audit/command.ts';
import { addDlq } from './dlq/command.ts';
import { addEvents } from './events/command.ts';
import { addExtendRetention } from './extend-retention/command.ts';
import { addKeys } from './keys/command.ts';
import { addMaintenance } from './maintenance/command.ts';
import { addNight } from './night/command.ts';
import { addProvision } from './provision/command.ts';
import { addReplay } from './replay/command.ts';
import { listRun } from './run-listing.ts';
import { addSettings } from './settings/command.ts';
import { addSimulate } from './simulate/command.ts';
import { addState } from './state/command.ts';
import { addVerify } from './verify/command.ts';

/**
 * The commands of the operator's tool. Each `command.ts` is what can be typed, and loads nothing else: what a command
 * does is imported when it is asked for (test/structure.test.ts). In the order in which `ronda --help` lists them.
 */
const commands: readonly ((program: Command, cli: CliContext) => void)[] = [
  addProvision,
  addExtendRetention,
  addReplay,
  addVerify,
  addEvents,
  addState,
  addNight,
  addMaintenance,
  addApply,
  addExportConfig,
  addKeys,
  addDlq,
  addAlerts,
  addAudit,
  listRun,
  addSimulate,
  addSettings,
];

/** Adds every command of the operator's tool to a program. */
export function addCommands(program: Command, cli: CliContext): void {
  for (const add of commands) add(program, cli);
}
