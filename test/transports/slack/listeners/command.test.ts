import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCommand, type Command } from '../../../../src/transports/slack/listeners/command.ts';

const hour = 3_600_000;

describe('a command', () => {
  test.each<[string, Command]>([
    ['', { do: 'board' }],
    ['   ', { do: 'board' }],
    ['help', { do: 'help' }],
    ['HELP', { do: 'help' }],
    ['?', { do: 'help' }],
    ['payroll', { do: 'scheduler', job: 'payroll' }],
    ['  close   day ', { do: 'scheduler', job: 'close day' }],
    ['help desk', { do: 'scheduler', job: 'help desk' }],
    ['"help"', { do: 'scheduler', job: 'help' }],
    ['“at 02:15”', { do: 'scheduler', job: 'at 02:15' }],
    ['Tom &amp; Co &lt;b&gt;', { do: 'scheduler', job: 'Tom & Co <b>' }],
    ['at 02:15', { do: 'board-at', date: null, time: '02:15' }],
    ['At 2:15', { do: 'board-at', date: null, time: '02:15' }],
    ['at 02.15', { do: 'board-at', date: null, time: '02:15' }],
    ['at 23:59', { do: 'board-at', date: null, time: '23:59' }],
    ['at 2026-11-23 02:15', { do: 'board-at', date: '2026-11-23', time: '02:15' }],
    ['at 2028-02-29 00:00', { do: 'board-at', date: '2028-02-29', time: '00:00' }],
    ['failed', { do: 'board-of', state: 'failed' }],
    ['Stale', { do: 'board-of', state: 'stale' }],
    ['running', { do: 'board-of', state: 'running' }],
    ['running late', { do: 'scheduler', job: 'running late' }],
    ['"failed"', { do: 'scheduler', job: 'failed' }],
    ['late', { do: 'board-of', state: 'late' }],
    ['due', { do: 'board-due' }],
    ['due diligence', { do: 'scheduler', job: 'due diligence' }],
    [
      'maintenance billing 2h new disks',
      { do: 'maintenance', service: 'billing', ms: 2 * hour, reason: 'new disks' },
    ],
    [
      'maintenance fund transfer 1h 30m move to v2 in 2h',
      { do: 'maintenance', service: 'fund transfer', ms: 1.5 * hour, reason: 'move to v2 in 2h' },
    ],
    [
      'maintenance “close 2h” 3h disks',
      { do: 'maintenance', service: 'close 2h', ms: 3 * hour, reason: 'disks' },
    ],
    ['unsnooze payroll', { do: 'unsnooze', job: 'payroll' }],
    ['ack payroll', { do: 'acknowledge', job: 'payroll' }],
    ['ack billing / close-day', { do: 'acknowledge', job: 'billing / close-day' }],
    ["ack 'help'", { do: 'acknowledge', job: 'help' }],
    ['snooze payroll 2h', { do: 'snooze', job: 'payroll', until: { ms: 2 * hour } }],
    ['snooze payroll 30m', { do: 'snooze', job: 'payroll', until: { ms: hour / 2 } }],
    ['snooze payroll 1h30m', { do: 'snooze', job: 'payroll', until: { ms: 1.5 * hour } }],
    ['snooze payroll 1h 30min', { do: 'snooze', job: 'payroll', until: { ms: 1.5 * hour } }],
    ['snooze close day for 7d', { do: 'snooze', job: 'close day', until: { ms: 168 * hour } }],
    ['snooze payroll 1m', { do: 'snooze', job: 'payroll', until: { ms: 60_000 } }],
    ['snooze payroll until 03:00', { do: 'snooze', job: 'payroll', until: { time: '03:00' } }],
    ['snooze "close 2h" 3h', { do: 'snooze', job: 'close 2h', until: { ms: 3 * hour } }],
  ])('“%s” is understood', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    'at',
    'at noon',
    'at 24:00',
    'at 02:60',
    'at 2026-02-30 02:15',
    'at 2026-11-23',
    'at tomorrow 02:15',
    'at 2026-11-23 2026-11-24 02:15',
    'ack',
    'unsnooze',
    'snooze',
    'snooze payroll',
    'snooze 2h',
    'snooze until 03:00',
    'snooze payroll until 25:00',
    'snooze payroll 0m',
    'snooze payroll 7d1m',
    'snooze payroll 99999d',
    'maintenance',
    'maintenance billing',
    'maintenance billing 2h',
    'maintenance 2h disks',
    'maintenance billing new disks',
    'maintenance billing 0m disks',
    'maintenance billing 8d disks',
  ])('“%s” is nearly one, and says what is missing', (text) => {
    const command = parseCommand(text);
    expect(command.do).toBe('unclear');
    expect('why' in command ? command.why : '').toMatch(/^\S.+\.$/);
  });

  test('of any text is something, never an error, and no snooze is shorter than a minute or longer than a week', () => {
    const word = fc.constantFrom(
      'snooze',
      'ack',
      'unsnooze',
      'maintenance',
      'at',
      'until',
      'for',
      '"',
      '2h',
      '1d',
      '02:15',
      '99999m',
      'x',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 6 }).map((w) => w.join(' ')),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const command = parseCommand(typed);
        if ('job' in command) expect(command.job).toMatch(/\S/);
        if (command.do === 'maintenance') {
          expect(command.service).toMatch(/\S/);
          expect(command.reason).toMatch(/\S/);
          expect(command.ms).toBeGreaterThanOrEqual(60_000);
          expect(command.ms).toBeLessThanOrEqual(168 * hour);
        }
        if (command.do === 'snooze' && 'ms' in command.until) {
          expect(command.until.ms).toBeGreaterThanOrEqual(60_000);
          expect(command.until.ms).toBeLessThanOrEqual(168 * hour);
        }
      }),
    );
  });

  test('of a job in quotes is that job, whatever it is called', () => {
    const name = fc.stringMatching(/^[^\s"'“”„‘’&]+( [^\s"'“”„‘’&]+){0,3}$/);
    fc.assert(
      fc.property(name, (job) => {
        expect(parseCommand(`"${job}"`)).toEqual({ do: 'scheduler', job });
        expect(parseCommand(`ack "${job}"`)).toEqual({ do: 'acknowledge', job });
        expect(parseCommand(`snooze "${job}" 2h`)).toEqual({ do: 'snooze', job, until: { ms: 2 * hour } });
      }),
    );
  });

  test('of a very long text is read at once', () => {
    const long = '1h'.repeat(20_000);
    expect(parseCommand(`${'snooze '.repeat(20_000)}${long} ${long}!`).do).toBe('unclear');
  });
});
