/**
 * Hits as one binary attribute: for every distinct millisecond the distance from the one before (the first:
 * from the epoch), doubled, plus one if a count of hits follows; all as base-128 varints, low group first.
 *
 * As a DynamoDB number list, 100 hits are about 1 KB and 45,000 reach the item limit of 400 KB. So encoded,
 * 100 hits take some 200 bytes, 10,000 about 10 KB and, since a minute has but 60,000 milliseconds, a million
 * about 120 KB. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function encodeHits(hits: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let previous = 0;
  for (const [at, count] of counted(hits)) {
    pushVarint(bytes, (at - previous) * 2 + (count > 1 ? 1 : 0));
    if (count > 1) pushVarint(bytes, count);
    previous = at;
  }
  return Uint8Array.from(bytes);
}

/**
 * The hits, ms UTC, oldest first.
 * @throws RangeError if the bytes end within a number
 */
export function decodeHits(bytes: Uint8Array): readonly number[] {
  const numbers = varints(bytes);
  const hits: number[] = [];
  let at = 0;
  for (let next = numbers.next(); next.done !== true; next = numbers.next()) {
    at += Math.floor(next.value / 2);
    const count = next.value % 2 === 0 ? 1 : numbers.next().value;
    if (count === undefined) throw new RangeError('the hits end before a count');
    for (let hit = 0; hit < count; hit += 1) hits.push(at);
  }
  return hits;
}

function counted(hits: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const hit of hits) counts.set(hit, (counts.get(hit) ?? 0) + 1);
  return counts;
}

// Bit operators would cut an epoch in milliseconds to 32 bits.
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function* varints(bytes: Uint8Array): Generator<number, undefined> {
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    yield value;
    value = 0;
    scale = 1;
  }
  if (scale > 1) throw new RangeError('the hits end within a number');
}
