/**
 * The shortest way from a scheduler through what it waits for back to itself, both ends named; undefined: there is
 * none. Pure.
 * @param upstreamsOf what a scheduler waits for
 */
export function circleThrough(
  id: string,
  upstreamsOf: (id: string) => readonly string[],
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [id];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const next of upstreamsOf(at)) {
      if (next === id) return [...wayTo(at, id, cameFrom), id];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      open.push(next);
    }
  }
  return undefined;
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let at: string | undefined = end; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way[0] === start ? way : [start, ...way];
}
