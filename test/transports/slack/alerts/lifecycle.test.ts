import { describe, expect, test } from '@jest/globals';
import { show } from '../../../../src/alerts/deliver.ts';
import { acknowledgement, at, idOf, removal, snooze, status } from '../../../support/events.ts';
import {
  callsOf,
  completed,
  control,
  fault,
  happen,
  openStage,
  openWorld,
  owned,
  alertOf,
  time,
  type Shown,
} from './alert-world.ts';
import { textsOf } from '../slack-process.ts';

openWorld();

const minute = 60_000;
/** A message in a line: how often it was edited, whether it is a reply, and its text. */
const lineOf = ({ edits, thread_ts, text }: Shown): string =>
  `${edits}${thread_ts === undefined ? '' : ' reply'} ${text}`;

describe('an alert', () => {
  test('whose job recovers is edited, and says so once in its thread; then it is closed', async () => {
    const { id, fail, replica, shown } = await openStage();
    await happen(owned(id('job'), { user: 'U0BUDI' }));
    const one = replica();
    const key = await fail('job');
    await one.handle(key);
    await happen(completed(id('job'), '19:15:00.000'));
    await one.watch();
    await Promise.all([one.watch(), replica().watch()]);
    expect((await shown()).map(lineOf)).toEqual([
      '1 ✅ billing / close-day failed 01:40 WIB, recovered 02:15 WIB after 35 min: disk full',
      '0 reply ✅ billing / close-day recovered 02:15 WIB after 35 min',
    ]);
    expect(await alertOf(key)).toMatchObject({ state: 'over' });
    const before = (await callsOf('chat.update')).length;
    await one.watch();
    expect(await callsOf('chat.update')).toHaveLength(before);
  });

  test('that is acknowledged says by whom, and calls its owner no more', async () => {
    const { id, fail, replica, shown } = await openStage();
    await happen(owned(id('job'), { user: 'U0BUDI' }));
    const one = replica();
    await one.handle(await fail('job'));
    const by = { scheduler_id: id('job'), failure_event_id: idOf(40), by: 'rina' };
    await happen(acknowledgement({ ...by, occurred_at: at('18:50:00.000'), event_id: idOf(60) }));
    await one.watch();
    const [alert, ...more] = await shown();
    expect(more).toEqual([]);
    expect(alert?.edits).toBe(1);
    const seen = textsOf(alert ?? { blocks: [] });
    expect(seen).toContain(
      '👀 billing / close-day failed 01:40 WIB: disk full · acknowledged by rina 01:50 WIB',
    );
    expect(seen.join('\n')).not.toContain('U0BUDI');
  });

  test('keeps in its thread what its one line leaves out, as it was: how long the run took, the whole error', async () => {
    const { id, fail, replica, shown } = await openStage();
    const begun = { scheduler_id: id('job'), status: 'running', occurred_at: at('18:05:00.000') } as const;
    await happen(status({ ...begun, event_id: idOf(30) }));
    const one = replica();
    await one.handle(await fail('job', { error_message: 'disk full\nat write()' }));
    await happen(
      status({ ...begun, occurred_at: at('19:00:00.000'), event_id: idOf(31) }),
      completed(id('job'), '19:15:00.000'),
    );
    await one.watch();
    await one.watch();
    const [alert, details, recovery, ...more] = await shown();
    expect(more).toEqual([]);
    expect(textsOf(alert ?? { blocks: [] })).toHaveLength(1);
    expect(textsOf(details ?? { blocks: [] })).toEqual([
      ...['Time: ', '01:40 WIB', '\nDuration: ', '35 min'],
      'disk full\nat write()',
    ]);
    expect(recovery?.text).toBe('✅ billing / close-day recovered 02:15 WIB after 35 min');
  });

  test('takes the first completion after the failure for the recovery, and stays with it', async () => {
    const { id, fail, replica, shown } = await openStage();
    const one = replica();
    const key = await fail('job');
    await one.handle(key);
    await happen(completed(id('job'), '19:15:00.000'), {
      ...completed(id('job'), '19:50:00.000'),
      event_id: idOf(51),
    });
    await one.watch();
    const text = async () => (await shown())[0]?.text;
    const recoveredText =
      '✅ billing / close-day failed 01:40 WIB, recovered 02:15 WIB after 35 min: disk full';
    expect(await text()).toBe(recoveredText);
    // A replica that never knew of it before, and looks at it again, says the same.
    const { context } = replica();
    const alert = await alertOf(key);
    for (const transport of context.transports.values())
      if (alert !== undefined) await show(context, alert, transport);
    expect(await text()).toBe(recoveredText);
  });

  test('that is snoozed says until when and by whom, and offers no snooze until that is over', async () => {
    const { id, fail, replica, shown } = await openStage();
    const one = replica();
    await one.handle(await fail('job'));
    const asleep = { scheduler_id: id('job'), occurred_at: at('19:00:00.000'), until: at('20:00:00.000') };
    await happen(snooze({ ...asleep, by: 'rina (U0RINA)', event_id: idOf(80) }));
    await one.watch();
    const actions = async () => JSON.stringify((await shown())[0]?.blocks).match(/"action_id":"\w+"/g);
    expect((await shown())[0]?.text).toBe(
      'billing / close-day failed 01:40 WIB: disk full (snoozed until 03:00 WIB by rina)',
    );
    expect(await actions()).toEqual(['"action_id":"acknowledge"', '"action_id":"history"']);
    time.at += 60 * minute;
    await one.watch();
    expect(await actions()).toContain('"action_id":"snooze"');
  });

  test('whose job is removed says so, and is looked after no more', async () => {
    const { id, fail, replica, texts } = await openStage();
    const one = replica();
    const key = await fail('job');
    await one.handle(key);
    await happen(removal({ scheduler_id: id('job'), occurred_at: at('19:00:00.000'), event_id: idOf(70) }));
    await one.watch();
    expect(await texts()).toEqual(['➖ billing / close-day failed 01:40 WIB: disk full · removed 02:00 WIB']);
    expect(await alertOf(key)).toMatchObject({ state: 'over' });
  });

  test('whose owner could not be looked up calls him in its thread, once, when he is found', async () => {
    const { id, fail, replica, shown } = await openStage();
    await happen(owned(id('job'), { email: 'sari@example.com' }));
    await fault({ method: 'users.lookupByEmail', fault: 'rate_limited', retry_after: 30 });
    const one = replica();
    await one.handle(await fail('job'));
    await one.watch();
    expect((await shown()).map(lineOf)).toEqual(['0 billing / close-day failed 01:40 WIB: disk full']);
    await control('DELETE', 'faults');
    time.at += 31_000;
    await Promise.all([one.watch(), replica().watch()]);
    await one.watch();
    expect((await shown()).map(lineOf)).toEqual([
      '1 <@U0SARI> billing / close-day failed 01:40 WIB: disk full',
      '0 reply <@U0SARI> this job is yours.',
    ]);
  });

  test('whose job recovers while Slack is away is edited when it is back, with the true time', async () => {
    const { id, fail, replica, shown } = await openStage();
    const one = replica();
    await one.handle(await fail('job'));
    await happen(completed(id('job'), '18:45:00.000'));
    await fault({ fault: 'http_503' });
    await expect(one.watch()).rejects.toMatchObject({ code: expect.stringMatching(/^SLACK_/) });
    await control('DELETE', 'faults');
    time.at += 5 * minute;
    await one.watch();
    expect((await shown()).map(lineOf)).toEqual([
      '1 ✅ billing / close-day failed 01:40 WIB, recovered 01:45 WIB after 5 min: disk full',
      '0 reply ✅ billing / close-day recovered 01:45 WIB after 5 min',
    ]);
  });
});

describe('a storm', () => {
  /** Which jobs a message tells of. */
  const jobsIn = (message: Shown): string[] =>
    [...new Set(JSON.stringify(message.blocks).match(/storm-\d\d/g) ?? [])].sort();
  const names = Array.from({ length: 30 }, (_, n) => `storm-${String(n).padStart(2, '0')}`);

  test('of thirty failures that two replicas meet is a few alerts and one group: each is in one of them', async () => {
    const { id, fail, replica, shown } = await openStage();
    for (const name of names.slice(0, 12))
      await happen(
        owned(id(name), {
          user: Number(name.slice(-2)) % 2 === 0 ? 'U0BUDI' : 'U0SARI',
          job_name: name,
        }),
      );
    const [one, two] = [replica(), replica()];
    const keys = [];
    for (const name of names) keys.push(await fail(name, { job_name: name }));
    await Promise.all(
      keys.map(async (key, n) => {
        const by = n % 2 === 0 ? one : two;
        for (let tries = 0; (await by.handle(key)) === 'again'; tries += 1) expect(tries).toBeLessThan(50);
      }),
    );
    for (let look = 0; look < 5; look += 1) {
      await Promise.all([one.watch(), two.watch()]);
      time.at += 3_000;
    }
    const messages = (await shown()).filter(({ thread_ts }) => thread_ts === undefined);
    const listed = messages.map(jobsIn);
    expect(listed.flat().sort()).toEqual(names);
    const groups = listed.filter((jobs) => jobs.length > 1);
    expect(groups).toHaveLength(1);
    // Five, and one or two more at the threshold.
    expect(listed.length - groups.length).toBeGreaterThanOrEqual(5);
    expect(listed.length - groups.length).toBeLessThanOrEqual(7);
  });

  test('that grows is edited at most every two seconds', async () => {
    const { fail, replica } = await openStage();
    const { handle, watch } = replica();
    for (const name of names.slice(0, 6)) await handle(await fail(name, { job_name: name }));
    await watch();
    const edits = async () => (await callsOf('chat.update')).length;
    for (const name of names.slice(6, 12)) {
      await handle(await fail(name, { job_name: name }));
      time.at += 500;
      await watch();
    }
    expect(await edits()).toBeLessThanOrEqual(2);
  });
});
