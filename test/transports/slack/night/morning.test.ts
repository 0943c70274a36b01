import { describe, expect, test } from '@jest/globals';
import { watchRequests } from '../../../store/requests.ts';
import { send } from '../../../localstack/slack/workspace-fixtures.ts';
import { minute, openWorld, registers, reports, wib, type World } from './world.ts';
import { textsOf } from '../slack-process.ts';

const summaries = async (world: World) => await world.shown('/summary/');

describe('the summary', () => {
  test('waits until all of the night is read, and is said once by two replicas', async () => {
    const world = await openWorld(wib('05:59:00'));
    await world.happen(registers('payroll'), reports('payroll', 'running', '05:00:00'));
    await world.alive();
    const [one, two] = [world.replica(), world.replica()];
    await Promise.all([one.round(), two.round()]);
    world.at(wib('06:00:30'));
    await world.alive('2099-11-23T22:59:00.000Z');
    await Promise.all([one.round(), two.round()]);
    expect(await summaries(world)).toEqual([]);
    await world.happen(reports('payroll', 'completed', '05:59:58'));
    world.at(wib('06:00:40'));
    await world.alive();
    await Promise.all([one.round(), two.round()]);
    await Promise.all([one.round(), two.round()]);
    const [summary, ...more] = await summaries(world);
    expect(more).toEqual([]);
    expect(summary?.text).toBe('Night of 24 November 2099 is over. ✅ All clear: 1 job completed.');
  });

  test('says that it may not know all when that takes more than two minutes', async () => {
    const world = await openWorld(wib('05:59:00'));
    await world.happen(registers('payroll'));
    await world.alive();
    const { round } = world.replica();
    await round();
    world.at(wib('06:01:59'));
    await world.alive(null);
    await round();
    expect(await summaries(world)).toEqual([]);
    world.at(wib('06:02:06'));
    await round();
    const [summary] = await summaries(world);
    expect(summary?.text).toContain('Not all is known yet.');
    expect(textsOf(summary ?? {}).join('\n')).toContain('Not every event up to the end of the window');
  });

  test('with expectations says what was expected and what became of it', async () => {
    const world = await openWorld(wib('05:59:00'));
    const expectation = '{"schedule":"0 1 * * *"}';
    await world.happen(
      registers('payroll', { expectation }),
      registers('ledger', { expectation }),
      registers('monthly', { expectation: '{"schedule":"0 1 1 * *"}' }),
      reports('payroll', 'running', '01:00:30'),
      reports('payroll', 'completed', '01:20:00'),
    );
    await world.alive();
    const { round } = world.replica();
    await round();
    world.at(wib('06:00:40'));
    await world.alive();
    await round();
    const [summary] = await summaries(world);
    expect(summary?.text).toContain('Not all clear: 1 of 2 jobs completed: 1 late.');
    expect(textsOf(summary ?? {}).join('')).toContain(
      '2: 1 completed in time, 1 late, 0 overdue, 0 failed, 0 missed, 0 excused, 0 unknown',
    );
  });

  test('links to the board', async () => {
    const world = await openWorld(wib('05:30:00'));
    await world.happen(registers('payroll'));
    await world.alive();
    const { round } = world.replica();
    await round();
    world.at(wib('06:00:10'));
    await world.alive();
    await round();
    const [board] = await world.shown('/board/');
    expect(JSON.stringify((await summaries(world))[0]?.blocks)).toContain(
      `p${(board?.ts ?? '').replace('.', '')}`,
    );
  });
});

describe('a round', () => {
  test('with nothing to do asks DynamoDB for the messages and alerts of two nights at most, and who lives, and Slack nothing', async () => {
    const world = await openWorld(wib('01:00:00'));
    await world.happen(registers('payroll'));
    await world.alive();
    const { round } = world.replica();
    await round();
    await round();
    const { json: before } = await send(world.workspace, 'GET', '/control/calls');
    world.wait(1_500);
    const { requests, stop } = watchRequests(world.store);
    await round();
    stop();
    expect(requests.length).toBeLessThanOrEqual(5);
    expect((await send(world.workspace, 'GET', '/control/calls')).json).toEqual(before);
  });

  test('that Slack refuses logs what to do, once, and goes on by itself when it is mended', async () => {
    const world = await openWorld(wib('01:00:00'));
    await world.alive();
    const { round, complaints } = world.replica();
    await world.control('POST', '/faults', { method: 'chat.postMessage', fault: 'token_revoked' });
    for (let n = 0; n < 5; n += 1) {
      await round();
      world.wait(5_000);
      await world.alive();
    }
    expect(complaints()).toEqual([
      'error: slack refuses: token_revoked: check SLACK_BOT_TOKEN and the app’s scopes',
    ]);
    await world.control('DELETE', '/faults');
    world.wait(minute);
    await world.alive();
    await round();
    expect(await world.shown('/board/')).toHaveLength(1);
  });

  test('that Slack refuses tables says the board in plain sections', async () => {
    const world = await openWorld(wib('01:00:00'));
    await world.happen(registers('payroll'), reports('payroll', 'failed', '00:30:00'));
    await world.alive();
    await world.control('POST', '/faults', { method: '*', fault: 'invalid_blocks_table' });
    const { round } = world.replica();
    await round();
    await round();
    const [board, ...more] = await world.shown('/board/');
    expect(more).toEqual([]);
    expect(JSON.stringify(board?.blocks)).not.toContain('"table"');
    expect(JSON.stringify(board?.blocks)).toContain('payroll');
  });
});
