import { describe, expect, test } from '@jest/globals';
import { content, key, options, stage } from './fixtures.ts';

const hour = 3_600_000;

describe('a machine’s clock that is set back an hour', () => {
  test('keeps no edit shut', async () => {
    const { messenger, setClockBack } = stage();
    const one = messenger();
    await one.publish(key, 'group', content('2 failed'), options);
    setClockBack(hour);
    const published = await one.publish(key, 'group', content('3 failed'), {
      ...options,
      minEditIntervalMs: 2_000,
    });
    expect(published.state).toBe('edited');
  });

  test('lets another’s lease run out once it has been seen for as long as it lasts', async () => {
    const { messenger, leave, setClockBack, time, slack } = stage();
    const at = time.at;
    leave({ claim: { owner: 'gone', at, until: at + 60_000 } });
    setClockBack(hour);
    const one = messenger();
    expect((await one.publish(key, 'alert', content('disk full'), options)).state).toBe('busy');
    time.at += 59_999;
    expect((await one.publish(key, 'alert', content('disk full'), options)).state).toBe('busy');
    time.at += 1;
    expect((await one.publish(key, 'alert', content('disk full'), options)).state).toBe('posted');
    expect(slack.messages).toHaveLength(1);
  });

  test('during a post changes nothing about how long its own lease is good for', async () => {
    const { messenger, setClockBack, slack, time } = stage();
    const turn = (_channel: string, withinMs: number): Promise<void> => {
      expect(withinMs).toBe(45_000);
      setClockBack(hour);
      time.at += 45_001;
      return Promise.resolve();
    };
    await expect(
      messenger('one', { turn }).publish(key, 'alert', content('disk full'), options),
    ).rejects.toMatchObject({ code: 'SLACK_UNSENT' });
    expect(slack.messages).toEqual([]);
  });

  test('does not put off a second look', async () => {
    const { messenger, leave, setClockBack, time } = stage();
    leave({ channel: 'C0RONDA', unsure_since: time.at, recheck_at: time.at + 60_000 });
    const one = messenger();
    expect(await one.recheck(key)).toBe('early');
    setClockBack(hour);
    expect(await one.recheck(key)).toBe('settled');
  });
});
