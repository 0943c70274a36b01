import { join, fromEvent, emptyRow } from '../projections/current-state.ts';
import { readMessage, writeMessage } from '../src/queue/message.ts';
import { schedulerIds, statusEvent } from './fixtures.ts';
import type { Row } from './results.ts';
import { median, medianRatio, stopwatch } from './statistics.ts';

const start = Date.parse('2026-11-23T17:00:00Z');
const jsonParse = 'JSON.parse';

/** What the thinking costs without the plumbing: reading messages and folding events, against JSON.parse. */
export function pureParts(quick: boolean): Promise<Row[]> {
  const [rounds, count] = quick ? [5, 2_000] : [15, 5_000];
  const [id = ''] = schedulerIds(1);
  const events = Array.from({ length: count }, (_, sequence) => statusEvent(id, start + sequence, sequence));
  const bodies = events.map(writeMessage);
  const at = '2026-11-23T17:00:00.000Z';
  const parts: Record<string, () => void> = {
    [jsonParse]: () => {
      for (const body of bodies) JSON.parse(body);
    },
    'read a message': () => {
      for (const body of bodies) {
        const read = readMessage({ body, messageId: 'bench', sentAt: at, vouched: { from: at, to: at } });
        if (!read.ok) throw new Error(read.issues.join('; '));
      }
    },
    'fold into the current state': () => {
      let row = emptyRow(id);
      for (const event of events) row = join(row, fromEvent(event));
      if (row.status?.execution_time_ms !== count - 1) throw new Error('the last event decides the state');
    },
  };
  const rates = new Map<string, number[]>();
  // Round -1 lets the compiler warm up.
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(parts)) {
      const elapsed = stopwatch();
      run();
      const rate = (count / elapsed()) * 1_000;
      if (round >= 0) rates.set(name, [...(rates.get(name) ?? []), rate]);
    }
  }
  const baseline = rates.get(jsonParse) ?? [];
  const rows = [...rates].map(([name, rate]) => ({
    name: `pure: ${name}`,
    value: median(rate),
    unit: 'events/s',
    ratios: { [jsonParse]: medianRatio(rate, baseline) },
    note: `${rounds} rounds of ${count} statuses of ${bodies[0]?.length ?? 0} bytes`,
  }));
  return Promise.resolve(rows);
}
