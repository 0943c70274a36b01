import { readFileSync } from 'node:fs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { provision } from '../../src/provision/provision.ts';
import { replay } from '../../src/operator/replay/replay.ts';
import { verify } from '../../src/operator/verify/verify.ts';
import { createDynamoDbClient } from '../../src/store/client.ts';
import { storedState } from '../../src/store/projections/registry.ts';
import { record } from '../../src/store/projections/record.ts';
import { stateRows } from '../../src/store/projections/state-rows.ts';
import { at, heartbeat, idOf, recorded, status } from '../support/events.ts';
import { testEndpoints } from '../support/harness.ts';
import { shipped } from '../support/shipped.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createStore } from './fixtures.ts';
import { longestRunProjection } from './longest-run.ts';

/** One file and one line more than Ronda has. */
const projections = [...shipped, storedState(longestRunProjection)];
const { readRow } = stateRows(longestRunProjection);
const { signal } = new AbortController();

const store = await createStore();
const { sqs, dynamodb } = testEndpoints();
await provision({
  ...{ sqs: createSqsClient('send', sqs), dynamodb: createDynamoDbClient(dynamodb) },
  ...{ prefix: store.prefix, visibilitySeconds: 30, projections, mode: 'create', report: () => undefined },
});

function run(scheduler_id: string, n: number, execution_time_ms: number | null) {
  return recorded(
    status({ scheduler_id, event_id: idOf(n), occurred_at: at(`17:0${n}:00.000`), execution_time_ms }),
  );
}

test('docs/projections.md shows it as it is compiled here, with the imports of a file in projections/', () => {
  const at = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const [, shown] = /```ts\n([^]*?)```/.exec(at('../../docs/projections.md')) ?? [];
  const source = at('longest-run.ts')
    .replaceAll("'../../projections/", "'./")
    .replaceAll("'../../src/", "'../src/");
  expect(shown).toBe(source);
});

test('a further projection is provisioned, written, verified and replayed like the others', async () => {
  const events = [run('payroll', 1, 40), run('payroll', 2, 90), run('payroll', 3, 60), run('tax', 4, null)];
  // A replica that does not know of it yet, then one that does.
  await record(store, events.slice(0, 2), shipped);
  await record(store, [...events.slice(2), recorded(heartbeat({ scheduler_id: 'pulse' }))], projections);
  const longest = async (id: string) => (await readRow(store, id))?.state?.longest;
  expect(await longest('payroll')).toEqual({ at: at('17:03:00.000'), id: idOf(3), ms: 60 });
  expect(await longest('tax')).toBeUndefined();

  const scope = { of: 'all' } as const;
  const look = () => verify(store, { projections, scope, settleMs: 0, signal });
  expect((await look()).drifts).toEqual([
    {
      scheduler_id: 'payroll',
      projection: 'longest-run',
      row: null,
      field: 'longest',
      live: { at: at('17:03:00.000'), id: idOf(3), ms: 60 },
      rebuilt: { at: at('17:02:00.000'), id: idOf(2), ms: 90 },
      decidedBy: `${at('17:02:00.000')}#${idOf(2)}`,
    },
  ]);
  const { tally } = await replay(store, { projections, scope, write: true, prune: false, signal });
  expect(tally).toMatchObject({ schedulers: 3, events: 5, changed: 1 });
  expect(await longest('payroll')).toEqual({ at: at('17:02:00.000'), id: idOf(2), ms: 90 });
  expect((await look()).drifts).toEqual([]);
});

test('rows of its older version are found and rebuilt', async () => {
  const next = { ...longestRunProjection, version: 2 } as const;
  await store.client.send(
    new PutCommand({
      TableName: `${store.prefix}longest-runs`,
      Item: {
        scheduler_id: 'payroll',
        version: 1,
        rev: 4,
        longest: { at: at('17:09:00.000'), id: 'x', ms: 1 },
      },
    }),
  );
  const scope = { of: 'outdated' } as const;
  const options = { projections: [storedState(next)], scope, write: true, prune: false, signal };
  expect((await replay(store, options)).tally).toMatchObject({ schedulers: 1, changed: 1 });
  expect(await stateRows(next).readRow(store, 'payroll')).toMatchObject({
    ...{ version: 2, rev: 5, state: { longest: { ms: 90 } } },
  });
  expect((await replay(store, options)).tally).toMatchObject({ schedulers: 0 });
});
