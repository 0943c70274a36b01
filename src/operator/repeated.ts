/** Of an option that may be given several times the values, in order: for commander. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
