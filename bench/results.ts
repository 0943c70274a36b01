/** One figure of a run. */
export type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** How many times another figure of the same run, or of the design, by that figure's name. */
  readonly ratios?: Readonly<Record<string, number>>;
  readonly note?: string;
};

export type Results = {
  readonly quick: boolean;
  readonly node: string;
  readonly cpus: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
};

/** The rows as text, a line each, columns aligned. Pure. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['name', 'value', 'unit', 'ratio', 'note'],
    ...rows.map(({ name, value, unit, ratios = {}, note = '' }) => [
      name,
      shown(value),
      unit,
      Object.entries(ratios)
        .map(([baseline, ratio]) => `${ratio.toFixed(2)} x ${baseline}`)
        .join(', '),
      note,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}
