import { expect, test } from '@jest/globals';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { readStream } from '../../src/store/projections/rule-rows.ts';
import {
  openWorld,
  arrayOf,
  deadLetterWith,
  newId,
  sendToQueue,
  statusOf,
} from '../ingress/http/fixtures.ts';
import { until } from '../support/until.ts';

const { backend, call } = await openWorld({ consumer: true });

async function valueOf(id: string) {
  return (await readRow(backend.store, id))?.state?.expectation?.value;
}

test('an expectation comes by a message of its own, and null takes it away', async () => {
  const scheduler_id = newId();
  const timestamp = '2026-01-01T00:00:00Z';
  const expectation = { severity: 'low', schedule: '0 1 * * MON-FRI', timezone: 'Asia/Jakarta' };
  await sendToQueue(backend, { type: 'expect', scheduler_id, timestamp, expectation });
  const kept = '{"schedule":"0 1 * * MON-FRI","timezone":"Asia/Jakarta","severity":"low"}';
  await until('it is set', async () => (await valueOf(scheduler_id)) === kept);
  const later = { type: 'expect', scheduler_id, timestamp: '2026-01-01T00:00:01Z', expectation: null };
  await sendToQueue(backend, later);
  await until('it is taken away', async () => (await valueOf(scheduler_id)) === null);
  // What was in force judges its slots for ever.
  const rules = await until('both are kept', async () => {
    const found = await readStream(backend.store, scheduler_id);
    return found.length === 2 ? found : undefined;
  });
  expect(rules.map(({ value }) => value)).toEqual([kept, null]);
});

test('one that is none goes to the dead letters with the field and what would be right', async () => {
  const scheduler_id = newId();
  await sendToQueue(backend, {
    ...{ type: 'expect', scheduler_id },
    expectation: { schedule: '0 1 * * *', days: 'workdays' },
  });
  const { MessageAttributes } = await deadLetterWith(backend, `"${scheduler_id}"`);
  expect(MessageAttributes?.['ronda-reason']?.StringValue).toBe(
    'expectation.days: must be one of all, business, month-start, month-end',
  );
});

test('a run and its business date come by a message, and are kept in the history', async () => {
  const id = newId();
  const run = { run_id: 'close:2026-11-23', business_date: '2026-11-23' };
  await sendToQueue(backend, { type: 'status', ...statusOf(id, run) });
  const [entry] = await until('it is applied', async () => {
    const entries = await call('GET', `/schedulers/${id}/history`);
    return entries.status === 200 && arrayOf(entries).length > 0 ? arrayOf(entries) : undefined;
  });
  expect(entry).toMatchObject(run);
  await sendToQueue(backend, { type: 'status', ...statusOf(id, { run_id: 'a b' }) });
  const { MessageAttributes } = await deadLetterWith(backend, '"a b"');
  expect(MessageAttributes?.['ronda-reason']?.StringValue).toBe(
    'run_id: must be 1 to 128 of A-Z a-z 0-9 . _ : -',
  );
});
