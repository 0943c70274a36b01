import { afterEach, expect, jest, test } from '@jest/globals';
import { readRows } from '../../src/store/scheduler-rows.ts';
import { openNight, patienceMs, type SlackNight, type WorkspaceMessage } from '../chaos/slack-night.ts';
import { until } from '../support/until.ts';

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(240_000);

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
});

const jobs = Array.from({ length: 12 }, (_, n) => `job-${String(n + 1).padStart(2, '0')}`);
const boardKey = 'eod/2026-11-24/board/eod/2026-11-24/1';
/** An instant of the night in Jakarta, ms UTC. */
const wib = (time: string): number => Date.parse(`2026-11-24T${time}:00+07:00`);

function about(id: string, time: string) {
  return {
    scheduler_id: id,
    service_name: 'billing',
    job_name: id,
    timestamp: new Date(wib(time)).toISOString(),
  };
}

test('Slack answers nothing for 20 minutes and asks to wait for 5: alerts come once, with their times', async () => {
  // Two minutes of the night pass in a second.
  const night = await openNight({ at: '2026-11-24T01:30:00+07:00', speed: 120 });
  ({ close } = night);
  const { clock } = night;
  night.start(['ingress', 'consumer']);
  await night.report(...jobs.map((id) => ({ type: 'status', status: 'running', ...about(id, '00:30') })));
  await night.known(jobs.length);
  night.start(['slack']);
  await until('the board is there', async () => (await boardsOf(night)).length === 1, {
    timeoutMs: patienceMs,
  });

  await night.fault({ method: '*', fault: 'hang' });
  const began = clock.now();
  const [before] = await boardsOf(night);
  const times = jobs.map((_, n) => {
    const minutes = Math.floor((began - wib('00:00')) / 60_000) + n - 20;
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  });
  await night.report(
    ...jobs.map((id, n) => ({
      ...{ type: 'status', status: 'failed', error_message: `${id} broke`, ...about(id, times[n] ?? '') },
    })),
  );
  // Ingestion notices nothing: all of it is known long before Slack answers again.
  await until('every failure is known', () => allFailed(night), { timeoutMs: patienceMs });
  await until('20 minutes of the night have passed', () => clock.now() >= began + 20 * 60_000, {
    timeoutMs: patienceMs,
  });
  expect((await night.messages()).map(({ key }) => key)).toEqual([boardKey]);
  await night.fault({ method: '*', fault: 'rate_limited', retry_after: 1 });
  await until('five more have', () => clock.now() >= began + 25 * 60_000, { timeoutMs: patienceMs });
  expect((await night.messages()).map(({ key }) => key)).toEqual([boardKey]);
  await night.fault();

  const told = await until(
    'every failure is told',
    async () => {
      const alerts = (await night.messages()).filter(({ key }) => /\/(alert|group)\//.test(key));
      return jobs.every((id) => saying(alerts, id).length > 0) ? alerts : undefined;
    },
    { timeoutMs: patienceMs },
  );
  expect(jobs.map((id) => saying(told, id).length)).toEqual(jobs.map(() => 1));
  expect(
    jobs.filter(
      (id, n) =>
        !saying(told, id)
          .join(' ')
          .includes(times[n] ?? ''),
    ),
  ).toEqual([]);

  const after = await until(
    'the board is drawn again',
    async () => {
      const [board] = await boardsOf(night);
      return (board?.edits ?? 0) > (before?.edits ?? 0) ? board : undefined;
    },
    { timeoutMs: patienceMs },
  );
  // What it said right after its first edit: later ones may follow at the slots.
  const versions = [...after.history.map(({ text }) => text), after.text];
  expect(versions[(before?.edits ?? 0) + 1]).toMatch(
    /: 12 failed, 0 stale, 0 running, 0 pending, 0 completed\./,
  );
  expect(await boardsOf(night)).toHaveLength(1);
});

async function boardsOf(night: SlackNight): Promise<WorkspaceMessage[]> {
  return (await night.messages()).filter(({ key }) => key.includes('/board/'));
}

async function allFailed({ backend }: SlackNight): Promise<boolean> {
  const rows = await readRows(backend.store, jobs);
  return jobs.every((id) => rows.get(id)?.state?.status?.status === 'failed');
}

/** The places in alerts that tell of a job: an alert of its own, or its line in a group. */
function saying(messages: readonly WorkspaceMessage[], id: string): string[] {
  return messages.flatMap((message) => {
    if (message.key.includes('/alert/')) return message.key.includes(`/${id}/`) ? [message.text] : [];
    const lines = JSON.stringify(message.blocks ?? []).split('\\n');
    return lines.filter((line) => line.includes(id));
  });
}
