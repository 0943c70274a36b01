import type { Command } from 'commander';
import { settings } from '../config.ts';
import type { CliContext } from './cli-context.ts';

export type SettingRow = {
  readonly name: string;
  /** Null: it has none. */
  readonly default: string | number | boolean | null;
  readonly meaning: string;
};

/** Every setting with its default and meaning. */
export function settingsList(): SettingRow[] {
  const defaults = new Map<string, string | number | boolean | undefined>(Object.entries(settings.parse({})));
  return Object.entries(settings.shape).map(([name, { description = '' }]) => ({
    name,
    default: defaults.get(name) ?? null,
    meaning: description,
  }));
}

/** The same as a Markdown table: `ronda settings`, and docs/settings.md. */
export function settingsTable(): string {
  const rows = settingsList().map(
    ({ name, default: value, meaning }) =>
      `| \`${name}\` | ${value === null ? '(none)' : `\`${String(value)}\``} | ${meaning} |`,
  );
  return ['| name | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** `ronda settings`. */
export function addSettings(program: Command, { stdout }: CliContext): void {
  program
    .command('settings')
    .description('print every setting, its default and its meaning, as a Markdown table')
    .option('--json', 'print one JSON array: name, default, meaning')
    .action(({ json = false }: { json?: boolean }) => {
      stdout.write(json ? `${JSON.stringify(settingsList())}\n` : settingsTable());
    });
}
