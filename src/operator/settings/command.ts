import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

/** `ronda settings`. */
export function addSettings(program: Command, { stdout, transportSettings }: CliContext): void {
  program
    .command('settings')
    .description('print every setting, its default and its meaning, as a Markdown table')
    .option('--json', 'print one JSON array: name, default, meaning')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { settingsList, settingsTable } = await import('./table.ts');
      const further = await transportSettings();
      stdout.write(json ? `${JSON.stringify(settingsList(further))}\n` : settingsTable(further));
    });
}
