import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addApply } from '../../../src/operator/apply/command.ts';
import { addExportConfig } from '../../../src/operator/apply/export-command.ts';
import { readStream } from '../../../src/store/events/event-store.ts';
import { bootstrapKey } from '../../support/harness.ts';
import { atTheEnd, openRonda } from '../../support/open.ts';
import { newKey } from '../../ingress/http/fixtures.ts';
import { examplesIn, run, testCli } from '../test-cli.ts';

const { backend, ingress } = await openRonda();
const root = await mkdtemp(join(tmpdir(), 'ronda-apply-'));
atTheEnd(() => rm(root, { recursive: true }));
let folder = root;
let n = 0;
beforeEach(async () => {
  folder = join(root, String((n += 1)));
  await mkdir(folder);
});

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** Runs a command; `answer` is what is said when it asks. */
async function ronda(line: readonly string[], { answer = true, env = {} } = {}) {
  const asked: string[] = [];
  const given = { RONDA_URL: `${ingress.url}/api/v1/`, RONDA_API_KEY: bootstrapKey, ...env };
  const cli = testCli(backend, { env: given });
  const code = await run(
    cli,
    (program, context) => {
      addApply(program, context, (question) => {
        asked.push(question);
        return Promise.resolve(answer);
      });
      addExportConfig(program, context);
    },
    line,
  );
  return { code, out: cli.out(), err: cli.err(), asked };
}

/** Writes a file of the test's folder. */
async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function eventsOf(id: string): Promise<string[]> {
  const events = await Array.fromAsync(readStream(backend.store, id));
  return events.map(({ event }) => event.type);
}

const job = (id: string, more = '') =>
  `  - {scheduler_id: ${id}, service_name: billing, job_name: Close${more === '' ? '' : `, ${more}`}}\n`;

describe('ronda apply', () => {
  test('prints what it will create and change field by field, asks, does it, and then nothing differs', async () => {
    const path = await file(
      'a.yaml',
      'calendars:\n  bank:\n    holidays: [{date: 2026-12-25, name: Christmas}]\nschedulers:\n' +
        job('one', 'expectation: {schedule: 0 1 * * *}'),
    );
    const first = await ronda(['apply', path]);
    expect(first).toEqual({
      code: 0,
      err: '',
      asked: ['Create 2 and change 0?'],
      out: [
        '+ calendar bank',
        '    weekend: ["sat","sun"]',
        '    holidays.2026-12-25: "Christmas"',
        '    workdays: []',
        '+ scheduler one',
        '    service_name: "billing"',
        '    job_name: "Close"',
        '    expectation.schedule: "0 1 * * *"',
        '2 to create, 0 to change.',
        '2 of 2 done.\n',
      ].join('\n'),
    });
    expect(await ronda(['apply', path])).toEqual({ code: 0, err: '', asked: [], out: 'Nothing differs.\n' });

    await file(
      'a.yaml',
      'calendars:\n  bank:\n    weekend: [sat, sun]\n    holidays: [{date: 2026-12-26}]\nschedulers:\n' +
        job('one', 'owner_email: a@example.com, expectation: {schedule: 0 2 * * *, severity: low}'),
    );
    const { out } = await ronda(['apply', path, '--yes']);
    expect(out).toBe(
      [
        '~ calendar bank',
        '    holidays.2026-12-25: "Christmas" -> -',
        '    holidays.2026-12-26: - -> true',
        '~ scheduler one',
        '    owner_email: - -> "a@example.com"',
        '    expectation.schedule: "0 1 * * *" -> "0 2 * * *"',
        '    expectation.severity: - -> "low"',
        '0 to create, 2 to change.',
        '2 of 2 done.\n',
      ].join('\n'),
    );
    expect(await eventsOf('one')).toEqual(['scheduler_registered', 'scheduler_registered']);
    expect(await eventsOf('calendar/bank')).toEqual(['calendar_set', 'calendar_set']);
  });

  test('changes nothing in a dry run, nor when the answer is no', async () => {
    const path = await file('a.yaml', `schedulers:\n${job('dry')}`);
    expect(await ronda(['apply', path, '--dry-run'])).toMatchObject({ code: 0, asked: [] });
    expect(await ronda(['apply', path], { answer: false })).toMatchObject({
      code: 1,
      err: 'Nothing was changed.\n',
    });
    expect(await eventsOf('dry')).toEqual([]);
  });

  test('never removes: what files leave out stays; null clears a field', async () => {
    const path = await file(
      'a.yaml',
      `schedulers:\n${job('kept', 'owner_email: a@example.com, expectation: {schedule: night}')}${job('other')}`,
    );
    await ronda(['apply', path]);
    await file('a.yaml', `schedulers:\n${job('kept')}`);
    expect((await ronda(['apply', path])).out).toBe('Nothing differs.\n');
    await file('a.yaml', `schedulers:\n${job('kept', 'owner_email: null, expectation: null')}`);
    expect((await ronda(['apply', path])).out).toContain(
      '    owner_email: "a@example.com" -> -\n    expectation.schedule: "night" -> -\n',
    );
    expect((await ingress.call('GET', '/schedulers/kept')).json).toMatchObject({
      ...{ owner_email: null, expectation: null },
    });
    expect((await ingress.call('GET', '/schedulers/other')).status).toBe(200);
  });

  test('speaks to machines', async () => {
    const path = await file('a.yaml', `schedulers:\n${job('json', 'expectation: {schedule: night}')}`);
    const { out } = await ronda(['apply', path, '--json', '--dry-run']);
    const created = {
      ...{ kind: 'scheduler', id: 'json' },
      changes: [
        { field: 'service_name', from: null, to: 'billing' },
        { field: 'job_name', from: null, to: 'Close' },
        { field: 'expectation.schedule', from: null, to: 'night' },
      ],
    };
    expect(JSON.parse(out)).toEqual({ applied: false, created: [created], changed: [] });
    expect(JSON.parse((await ronda(['apply', path, '--json'])).out)).toEqual({
      ...{ applied: true, created: [created], changed: [] },
    });
  });

  test('takes dependencies in any order, also where one turns round', async () => {
    const path = await file(
      'a.yaml',
      `schedulers:\n${job('b', 'expectation: {schedule: night, depends_on: [a]}')}${job('a', 'expectation: {schedule: night}')}`,
    );
    expect((await ronda(['apply', path])).code).toBe(0);
    await file(
      'a.yaml',
      `schedulers:\n${job('a', 'expectation: {schedule: night, depends_on: [b]}')}${job('b', 'expectation: {schedule: night}')}`,
    );
    expect(await ronda(['apply', path])).toMatchObject({ code: 0, err: '' });
    expect((await ronda(['apply', path])).out).toBe('Nothing differs.\n');
  });

  test('says what was refused, and does the rest', async () => {
    const key = await newKey(backend, { services: ['billing'], scopes: ['ingest', 'read'] });
    const path = await file(
      'a.yaml',
      `schedulers:\n${job('theirs').replace('billing', 'payments')}${job('ours')}`,
    );
    const answer = await ronda(['apply', path], { env: { RONDA_API_KEY: key } });
    expect(answer).toMatchObject({
      code: 1,
      err: 'scheduler theirs: 403 This API key is not for the service payments\n',
    });
    expect(answer.out).toContain('1 of 2 done.\n');
    expect(await eventsOf('ours')).toEqual(['scheduler_registered']);
  });

  test.each([
    ['a bad URL', { RONDA_URL: 'ronda' }, 'RONDA_URL: must be an http or https URL'],
    ['no key', { RONDA_API_KEY: '' }, 'RONDA_API_KEY: is required'],
    ['a wrong key', { RONDA_API_KEY: 'wrong' }, 'does not accept RONDA_API_KEY: Invalid API key'],
    ['nobody there', { RONDA_URL: 'http://127.0.0.1:9' }, 'ECONNREFUSED'],
  ])('with %s is exit code 2', async (_what, env, why) => {
    const path = await file('a.yaml', `schedulers:\n${job('nowhere')}`);
    const { code, err } = await ronda(['apply', path], { env });
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  });
});

describe('a broken file is exit code 2, and named by file, line and field', () => {
  test('each of its mistakes at once, and nothing is asked of Ronda', async () => {
    const path = await file(
      'a.yaml',
      [
        'schedulers:',
        '  - scheduler_id: one',
        '    service_name: billing',
        '    expectation:',
        '      schedule: 61 * * * *',
        '      dais: all',
        '      results:',
        '        - {path: rows, at_least: many}',
        'calendars:',
        '  bank:',
        '    weekend: [saturday]',
        'schedules: []',
      ].join('\n'),
    );
    const { code, err } = await ronda(['apply', path], { env: { RONDA_URL: 'http://127.0.0.1:9' } });
    expect(code).toBe(2);
    const lines = err.trim().split('\n');
    expect(lines.map((line) => line.replace('ronda: ', '').replace(`${path}:`, ''))).toEqual([
      '2: schedulers.0.job_name: is required',
      expect.stringContaining(
        '5: schedulers.0.expectation.schedule: must be a cron expression of five fields',
      ),
      '8: schedulers.0.expectation.results.0.at_least: must be a number',
      expect.stringContaining('6: schedulers.0.expectation.dais: is no field of it, there are schedule, '),
      '11: calendars.bank.weekend.0: must be one of mon, tue, wed, thu, fri, sat, sun',
      '12: schedules: is no field of it, there are schedulers, calendars',
    ]);
  });

  test.each([
    ['no YAML', 'schedulers:\n  - a\n b: [', /:3: /],
    ['a key twice', 'schedulers: []\nschedulers: []', /:2: Map keys must be unique/],
    ['no object', '- a', /:1: must be a JSON object/],
    ['two documents', 'schedulers: []\n---\nschedulers: []', /:2: must be one document, with no --- inside/],
    [
      'a calendar whose name is none',
      'calendars:\n  bank: {}\n  a/b: {}',
      /:3: calendars\.a\/b: must have a name of 1 to 64/,
    ],
    ['one that no path can name', 'calendars:\n  "..": {}', /:2: calendars\.\.\.: must have a name/],
    [
      'one that would be passed over',
      'calendars:\n  __proto__: {weekend: [sun]}',
      /:2: calendars\.__proto__: must have another name/,
    ],
    ['JSON that is cut off', '{"schedulers": [\n{"scheduler_id": "a"', /:2: /],
    [
      'aliases without end',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(40)}]\nc: &c [${'*b,'.repeat(40)}]\nschedulers: [${'*c,'.repeat(40)}]`,
      /:1: Excessive alias count/,
    ],
  ])('%s', async (_what, text, why) => {
    const path = await file('a.yaml', text);
    const { code, err } = await ronda(['apply', path]);
    expect([code, err]).toEqual([2, expect.stringMatching(why)]);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('ids that stand in two files, and circles among files', async () => {
    const one = await file(
      'one.yaml',
      `schedulers:\n${job('x', 'expectation: {schedule: night, depends_on: [y]}')}`,
    );
    const two = await file(
      'two.json',
      JSON.stringify(
        {
          schedulers: [
            { scheduler_id: 'x', service_name: 'billing', job_name: 'Close' },
            {
              ...{ scheduler_id: 'y', service_name: 'billing', job_name: 'Close' },
              expectation: { schedule: 'night', depends_on: ['x'] },
            },
          ],
        },
        null,
        1,
      ),
    );
    const { code, err } = await ronda(['apply', folder]);
    expect(code).toBe(2);
    expect(err).toBe(
      `ronda: ${two}:4: schedulers.0.scheduler_id: x stands in ${one}:2 already\n` +
        `${one}:2: schedulers.0.expectation.depends_on: must not lead back to itself: x -> y -> x\n`,
    );
  });

  test('a circle with what is there already', async () => {
    const path = await file(
      'a.yaml',
      `schedulers:\n${job('p', 'expectation: {schedule: night, depends_on: [q]}')}`,
    );
    await ronda(['apply', path]);
    await file('a.yaml', `schedulers:\n${job('q', 'expectation: {schedule: night, depends_on: [p]}')}`);
    expect(await ronda(['apply', path])).toMatchObject({
      ...{ code: 2, asked: [] },
      err: `ronda: ${path}:2: schedulers.0.expectation.depends_on: must not lead back to itself: q -> p -> q\n`,
    });
  });

  test('one that is not there, and a folder without any', async () => {
    expect(await ronda(['apply', join(folder, 'none.yaml')])).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.yaml: cannot be read: ENOENT'),
    });
    expect(await ronda(['apply', folder])).toMatchObject({ code: 2 });
  });
});

test('the examples are applied as they are, and what is exported afterwards changes nothing', async () => {
  const both = [join(examples, 'indonesia.json'), join(examples, 'night.yaml')];
  const { code, out } = await ronda(['apply', ...both]);
  expect([code, out]).toEqual([0, expect.stringContaining('6 of 6 done.')]);
  await ingress.call('POST', '/schedulers/register', {
    ...{ scheduler_id: 'odd', service_name: '05:30', job_name: "no: 'yes' # \u{1f319}\n=1" },
  });
  await ingress.call('DELETE', '/schedulers/odd-and-gone');
  for (const [name, flags] of [
    ['all.yaml', []],
    ['all.json', ['--json']],
  ] as const) {
    const exported = await ronda(['export-config', ...flags]);
    expect(exported.code).toBe(0);
    const path = await file(name, exported.out);
    expect((await ronda(['apply', path])).out).toBe('Nothing differs.\n');
    expect(exported.out).toContain('ledger:close-day');
  }
});

test('export-config with a key that may not read calendars is exit code 2, not half a file', async () => {
  const key = await newKey(backend, { scopes: ['read'] });
  expect(await ronda(['export-config'], { env: { RONDA_API_KEY: key } })).toEqual({
    ...{ code: 2, out: '', asked: [] },
    err: 'ronda: GET /calendars: 403 This API key lacks the scope admin\n',
  });
});

test('each helps on one screen, by examples that are lines of its own', async () => {
  for (const name of ['apply', 'export-config']) {
    const { out } = await ronda([name, '--help']);
    for (const [command] of examplesIn(out)) expect(command).toBe(name);
  }
});
