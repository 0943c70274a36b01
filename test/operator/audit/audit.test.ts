import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DependencyError } from '../../../src/errors.ts';
import { addAudit } from '../../../src/operator/audit/command.ts';
import { audited } from '../../../src/operator/audit/audited.ts';
import { writeRecord } from '../../../src/operator/audit/records.ts';
import type { CliContext } from '../../../src/operator/cli-context.ts';
import { addDlq } from '../../../src/operator/dlq/command.ts';
import { addExtendRetention } from '../../../src/operator/extend-retention/command.ts';
import { addKeys } from '../../../src/operator/keys/command.ts';
import { addReplay } from '../../../src/operator/replay/command.ts';
import { createBackend, type TestBackend } from '../../support/harness.ts';
import { bury } from '../dlq/dead-letters.ts';
import { examplesIn, run, testCli } from '../test-cli.ts';

let backend: TestBackend;
beforeEach(async () => {
  backend = await createBackend();
});
afterEach(() => {
  backend.close();
});

async function ronda(add: (program: Command, cli: CliContext) => void, ...argv: string[]) {
  const cli = testCli(backend);
  const code = await run(cli, add, argv);
  return { code, out: cli.out(), err: cli.err() };
}

async function records(...argv: string[]): Promise<Record<string, unknown>[]> {
  const { out } = await ronda(addAudit, 'audit', '--json', ...argv);
  const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
    .filter(isRecord);
}

test('what operators do to keys, dead letters and rows leaves a record each, newest first, without a secret', async () => {
  const created = await ronda(
    addKeys,
    'keys',
    'create',
    'billing',
    '--service',
    'billing',
    '--never',
    '--json',
  );
  const rotated = await ronda(addKeys, 'keys', 'rotate', 'billing', '--never', '--json');
  await ronda(addKeys, 'keys', 'revoke', keyOf(rotated.out), '--yes');
  await bury(backend, '{"type":"heartbeat","scheduler_id":"a"}', { id: 'm-1' });
  await bury(backend, '{"type":"heartbeat","scheduler_id":"b"}', { id: 'm-2' });
  await ronda(addDlq, 'dlq', 'redrive', '--id', 'm-1');
  await ronda(addDlq, 'dlq', 'discard', '--filter', `/b|${plainOf(created.out)}/`, '--yes');
  await ronda(addReplay, 'replay', '--prune', '--scheduler', 'payroll', 'tax');

  const [first, second] = [keyOf(created.out), keyOf(rotated.out)];
  const found = await records();
  expect(found.map(({ act, outcome, by, details }) => ({ act, outcome, by, details }))).toEqual([
    {
      ...done('replay'),
      details: {
        projections: expect.arrayContaining(['current-state', 'history']),
        scope: 'payroll tax',
        prune: true,
        ...{ schedulers: 0, changed: 0, pruned: 0, skipped: 0, complete: true },
      },
    },
    {
      ...done('dlq discard'),
      details: { queue: 'events', filter: '/b|ronda_[redacted]/', discarded: 1, complete: true },
    },
    {
      ...done('dlq redrive'),
      details: { queue: 'events', ids: ['m-1'], redriven: 1, failed: 0, complete: true },
    },
    { ...done('keys revoke'), details: { key_id: second, name: 'billing' } },
    {
      ...done('keys rotate'),
      details: {
        ...{ name: 'billing', replaces: first, expires: null, key_id: second },
        old_expires: expect.stringMatching(/Z$/),
      },
    },
    {
      ...done('keys create'),
      details: { name: 'billing', scopes: ['ingest'], services: ['billing'], expires: null, key_id: first },
    },
  ]);
  for (const secret of [plainOf(created.out), plainOf(rotated.out)])
    expect(JSON.stringify(found)).not.toContain(secret);
});

test('what changes nothing leaves none', async () => {
  await bury(backend, '{}', { id: 'm-1' });
  await ronda(addKeys, 'keys', 'revoke', 'nobody');
  await ronda(addDlq, 'dlq', 'redrive', '--dry-run');
  await ronda(addDlq, 'dlq', 'discard');
  await ronda(addDlq, 'dlq', 'redrive', '--filter', 'no such text');
  await ronda(addReplay, 'replay', '--dry-run');
  await ronda(addExtendRetention, 'extend-retention');
  expect(await records()).toEqual([]);
  expect(await ronda(addAudit, 'audit')).toEqual({ code: 0, out: '', err: 'There is no record.\n' });
});

test('an act that fails half-way leaves a record of how far it came', async () => {
  const { cli } = testCli(backend);
  const work = audited(cli, backend.store, { act: 'dlq redrive', details: { queue: 'events' } }, (note) => {
    note({ redriven: 3 });
    return Promise.reject(new DependencyError('queue', 'is away'));
  });
  await expect(work).rejects.toThrow('queue: is away');
  expect(await records()).toMatchObject([
    {
      act: 'dlq redrive',
      outcome: 'failed',
      details: { queue: 'events', redriven: 3, error: 'queue: is away' },
    },
  ]);
});

test('an act whose record cannot be written is done all the same, and it is said', async () => {
  backend.store.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutItemCommand' && JSON.stringify(args.input).includes('"audit"'))
          throw new Error('no more writes');
        return await next(args);
      },
    { step: 'initialize' },
  );
  const { code, out, err } = await ronda(addKeys, 'keys', 'create', 'billing', '--json');
  expect(code).toBe(0);
  expect(plainOf(out)).toMatch(/^ronda_/);
  expect(err).toContain('"keys create" is done, but the audit has no record of it: no more writes\n');
});

test('records are shown in columns, as many as asked for, from a time on; a damaged one is counted', async () => {
  const record = { by: 'sari@ops-1', act: 'replay', outcome: 'done' } as const;
  for (const hour of ['01', '02', '03']) {
    const at = `2026-11-24T${hour}:00:00.000Z`;
    await writeRecord(backend.store, { ...record, at, details: { scope: `h${hour}\u202e`, prune: false } });
  }
  expect(await ronda(addAudit, 'audit', '--limit', '2', '--from', '2026-11-24T02:00:00Z')).toEqual({
    code: 0,
    out: [
      'time                      by          act     outcome  details',
      '2026-11-24T03:00:00.000Z  sari@ops-1  replay  done     scope=h03\\u{202e} prune=false',
      '2026-11-24T02:00:00.000Z  sari@ops-1  replay  done     scope=h02\\u{202e} prune=false',
      '',
    ].join('\n'),
    err: '',
  });
  expect(await records('--limit', '1')).toMatchObject([{ at: '2026-11-24T03:00:00.000Z' }]);
  const damaged = { night: 'audit', message_key: '2026-11-24T04:00:00.000Z#x', act: 7 };
  const TableName = `${backend.prefix}messages`;
  await backend.store.client.send(new PutCommand({ TableName, Item: damaged }));
  expect(await ronda(addAudit, 'audit', '--from', '2026-11-24T03:30:00Z')).toMatchObject({
    code: 1,
    err: expect.stringContaining('1 cannot be read'),
  });
});

test('bad options are named, and the examples of the help run', async () => {
  const bad = await ronda(addAudit, 'audit', '--limit', '0', '--from', 'yesterday');
  expect(bad.code).toBe(2);
  expect(bad.err).toMatch(/--from: must be an ISO 8601 time.*\n--limit: must be a whole number/);
  const { out } = await ronda(addAudit, 'audit', '--help');
  for (const argv of examplesIn(out)) expect((await ronda(addAudit, ...argv)).code).toBe(0);
});

const done = (act: string) => ({ act, outcome: 'done', by: 'sari@ops-1' });

function field(out: string, name: string): string {
  const value: unknown = JSON.parse(out);
  return typeof value === 'object' && value !== null ? String(new Map(Object.entries(value)).get(name)) : '';
}
const keyOf = (out: string): string => field(out, 'key_id');
const plainOf = (out: string): string => field(out, 'key');
