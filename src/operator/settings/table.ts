import { settings, type SettingRow } from '../../config.ts';

/** Every setting with its default and meaning. @param further those of transports */
export function settingsList(further: readonly SettingRow[]): SettingRow[] {
  const defaults = new Map<string, string | number | boolean | undefined>(Object.entries(settings.parse({})));
  const own = Object.entries(settings.shape).map(([name, { description = '' }]) => ({
    name,
    default: defaults.get(name) ?? null,
    meaning: description,
  }));
  return [...own, ...further];
}

/** The same as a Markdown table: `ronda settings`, and docs/settings.md. */
export function settingsTable(further: readonly SettingRow[]): string {
  const rows = settingsList(further).map(
    ({ name, default: value, meaning }) =>
      `| \`${name}\` | ${value === null ? '(none)' : `\`${String(value)}\``} | ${meaning} |`,
  );
  return ['| name | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
