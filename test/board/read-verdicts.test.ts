import { expect, test } from '@jest/globals';
import { createVerdictReader } from '../../src/board/read-verdicts.ts';
import { record } from '../../src/store/projections/record.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import type { Store } from '../../src/store/store.ts';
import { eod } from '../support/boards.ts';
import { at, idOf, recorded, registration, status } from '../support/events.ts';
import { openBackend, two } from '../transports/slack/app-world.ts';

/** What a reader sees between the steps of a consumer: the row first, then the history and the rules. */

const now = two.now();
const registered = registration({
  ...{ occurred_at: '2099-11-22T01:00:00.000Z', expectation: '{"schedule":"0 1 * * *"}' },
});
const began = status({ status: 'running', occurred_at: at('18:00:30.000'), event_id: idOf(2) });
const ended = status({ status: 'completed', occurred_at: at('18:20:00.000'), event_id: idOf(3) });

async function verdictOf(store: Store, read: ReturnType<typeof createVerdictReader>['read']) {
  const state = (await readRow(store, 'payroll'))?.state;
  if (state === undefined) throw new Error('it is recorded');
  const limits = { judgedAt: now, coveredSince: 0 };
  const rows = new Map([['payroll', state]]);
  const { of } = await read({ at: now, rows, limits }, { from: now - 3_600_000, to: now }, []);
  const judgement = of('payroll').find(({ slot }) => slot.at === Date.parse(at('18:00:00.000')));
  return judgement === undefined ? undefined : [judgement.verdict, judgement.beganAt];
}

test('a run that the row knows and the history does not yet is no late one, nor is that remembered', async () => {
  const { store } = await openBackend();
  const { read } = createVerdictReader(store, [eod]);
  await record(store, [recorded(registered)]);
  expect(await verdictOf(store, read)).toEqual(['late', null]);
  await record(store, [recorded(began)], []);
  expect(await verdictOf(store, read)).toEqual(['running', Date.parse(began.occurred_at)]);
  await record(store, [recorded(ended)], []);
  expect((await verdictOf(store, read))?.[0]).toBe('completed');
  await record(store, [recorded(began), recorded(ended)]);
  expect(await verdictOf(store, read)).toEqual(['completed', Date.parse(began.occurred_at)]);
});

test('an expectation counts from the moment that the row knows it, whenever the rules were read', async () => {
  const { store } = await openBackend();
  const { read, rules } = createVerdictReader(store, [eod]);
  expect((await rules()).expectations.size).toBe(0);
  await record(store, [recorded(registered)], []);
  expect(await verdictOf(store, read)).toEqual(['late', null]);
});
