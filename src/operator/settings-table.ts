import type { Command } from 'commander';
import { settings } from '../config.ts';
import type { Desk } from './desk.ts';

/** Every setting with its default and meaning, as a Markdown table: `ronda settings`, and docs/settings.md. */
export function settingsTable(): string {
  const unset = settings.parse({});
  const defaults = new Map(Object.entries(unset).map(([name, value]) => [name, `\`${String(value)}\``]));
  const rows = Object.entries(settings.shape).map(
    ([name, { description = '' }]) => `| \`${name}\` | ${defaults.get(name) ?? '(none)'} | ${description} |`,
  );
  return ['| name | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

export function addSettings(program: Command, { stdout }: Desk): void {
  program
    .command('settings')
    .description('print every setting, its default and its meaning, as a Markdown table')
    .action(() => {
      stdout.write(settingsTable());
    });
}
