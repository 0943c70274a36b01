import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyProjection, fromEvent } from '../../projections/history.ts';
import { fold } from '../../projections/current-state.ts';
import { append } from '../../src/store/events/event-store.ts';
import { scanRows } from '../../src/store/projections/scheduler-rows.ts';
import { allIn, eventsOf } from '../operator/replay/world.ts';
import { listed } from '../store/fixtures.ts';
import { createBackend, testEndpoints, type TestBackend } from '../support/harness.ts';
import { startHttpProxy } from '../support/http-proxy.ts';
import { until } from '../support/until.ts';
import { randomFrom } from './night-of-events.ts';
import { onTestEngines, run, startProgram } from './program.ts';

const schedulers = Array.from({ length: 100 }, (_, n) => `job-${n}`);
/** Which write each try is killed at: another one in every run. */
const seed = Number(process.env['RONDA_REPLAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);

let backend: TestBackend;
beforeAll(async () => {
  backend = await createBackend();
  for (const id of schedulers)
    await Promise.all(eventsOf(id).map((recorded) => append(backend.store, recorded)));
});
afterAll(() => {
  backend.close();
});

test(`a replay killed again and again and resumed ends as if it never was (RONDA_REPLAY_SEED=${seed})`, async () => {
  const env = { ...onTestEngines(backend.prefix), LOG_LEVEL: 'warn' };
  for (let kills = 0; kills < 4; kills += 1) {
    let writes = 0;
    const fatal = 1 + Math.floor(random() * 50);
    const reached = Promise.withResolvers<true>();
    const proxy = await startHttpProxy(testEndpoints().dynamodb, ({ headers }) => {
      if (/PutItem|BatchWriteItem/.test(String(headers['x-amz-target']))) writes += 1;
      if (writes >= fatal) reached.resolve(true);
      return 'pass';
    });
    const command = ['replay', ...(kills === 0 ? [] : ['--resume'])];
    const program = startProgram(command, { ...env, AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
    await Promise.race([reached.promise, program.ended]);
    program.kill('SIGKILL');
    await program.ended;
    await proxy.stop();
  }
  const { code, stdout } = await run(['replay', '--resume', '--json'], env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ complete: true, schedulers: 100, events: 500 });

  const states = await listed(scanRows(backend.store));
  expect(new Map(states.map((row) => [row.scheduler_id, row]))).toEqual(
    new Map(schedulers.map((id) => [id, fold(id, eventsOf(id))])),
  );
  const { sort } = historyProjection.table;
  const entries = schedulers.flatMap((id) =>
    eventsOf(id).flatMap((recorded) =>
      [...fromEvent(recorded)].map(([key, entry]) => ({
        ...entry,
        [sort]: key,
        version: historyProjection.version,
      })),
    ),
  );
  const found = await allIn(backend.store, 'history');
  expect(found).toEqual(expect.arrayContaining(entries));
  expect(found).toHaveLength(entries.length);
  await until('nothing is left to resume', async () => {
    const again = await run(['replay', '--resume'], env);
    return again.code === 2 && again.stderr.includes('There is no interrupted replay to resume.');
  });
}, 180_000);
