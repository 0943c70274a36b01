import { expect } from '@jest/globals';
import fc from 'fast-check';
import { messageProblems } from '../../../../localstack/slack/api/block-kit.ts';
import type { Progress } from '../../../../src/alerts/lifecycle.ts';
import { verdicts } from '../../../../src/night/verdicts.ts';
import { cellStates, type Board, type Cell, type CellState, type Due } from '../../../../src/night/board.ts';
import type { Night } from '../../../../src/night/night.ts';
import type { Block, Content } from '../../../../src/transports/slack/content.ts';

/** Boards, texts and ways to look at messages, for the tests of renderers. */

export const zone = 'Asia/Jakarta';

/** Local time of the night of 23 November 2026 in Jakarta, `HH:mm` or `HH:mm:ss`: ms UTC. */
export function wib(time: string, date = '2026-11-23'): number {
  return Date.parse(`${date}T${time}+07:00`);
}

export const night: Night = {
  zone,
  window: '00:00-06:00',
  date: '2026-11-23',
  start: wib('00:00'),
  end: wib('06:00'),
};

export function cell(fields: Partial<Cell> = {}): Cell {
  return {
    scheduler_id: 'eod-billing',
    service_name: 'billing',
    job_name: 'close-day',
    state: 'pending',
    since: null,
    duration: null,
    error: null,
    heartbeat: null,
    registered: true,
    acknowledgedBy: null,
    snoozed: null,
    due: null,
    ...fields,
  };
}

/** A slot at 01:00 with a quarter of an hour to begin in. */
export function due(fields: Partial<Due> = {}): Due {
  return {
    at: wib('01:00'),
    verdict: 'waiting',
    flags: [],
    startBy: wib('01:15'),
    finishBy: null,
    waitingFor: [],
    excuse: null,
    beganAt: null,
    otherRun: false,
    ...fields,
  };
}

/** A failure of which nothing more is known. */
export const open: Progress = { acknowledged: null, recovered: null, snoozed: null, removed: null };

/** Keeps the order of the cells. */
export function boardOfCells(cells: readonly Cell[], at = wib('02:00')): Board {
  const counts: Record<CellState, number> = {
    failed: 0,
    late: 0,
    stale: 0,
    running: 0,
    pending: 0,
    completed: 0,
  };
  for (const { state } of cells) counts[state] += 1;
  return { night, at, cells, counts, notDue: 0 };
}

const attacks = [
  '<!channel> <!here|x> <!subteam^S1>',
  '<@U0SARI> <#C0RONDA> <http://evil.example|Log in>',
  '@here @channel @everyone #general https://evil.example/x www.evil.example mailto:a@b.example',
  '*bold* _italic_ ~struck~ `code` ```block``` :fire:',
  '&lt;!channel&gt; &amp;',
  'first\nsecond\r\n\u2028third',
  '\u202Egnp.exe\u202C \u2066x\u2069 \u200F',
  '\u200B\u200D\uFEFF\u3164',
  ' \t ',
  '\u0000\u0007\u001B[31m',
  '\uD800',
  `Z${'\u0301\u0327\u0338'.repeat(80)}`,
  '"\\'.repeat(127),
  '界'.repeat(255),
  '👨‍👩‍👧‍👦'.repeat(23),
  '🇮🇩'.repeat(63),
  '&'.repeat(255),
  'x'.repeat(255),
];

/** What a service may send as a name, and worse. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...attacks),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }),
  fc.string({ minLength: 1, maxLength: 60 }),
  fc
    .array(fc.constantFrom(...attacks, 'a', '_', '*'), { minLength: 1, maxLength: 4 })
    .map((texts) => texts.join('')),
);

/** As `hostileText`, with errors of up to 8,000 characters. */
export const hostileError: fc.Arbitrary<string | null> = fc.oneof(
  fc.constant(null),
  hostileText,
  hostileText.map((text) => text.repeat(Math.ceil(8_000 / text.length)).slice(0, 8_000)),
);

export const instant = fc.integer({ min: wib('00:00', '2026-11-20'), max: wib('00:00', '2026-11-27') });
const moment = fc.option(instant, { nil: null });

export const hostileDue: fc.Arbitrary<Due> = fc.record({
  at: instant,
  verdict: fc.constantFrom(...verdicts),
  flags: fc.uniqueArray(fc.constantFrom('began_late', 'ended_late', 'too_short', 'too_long', 'unmet')),
  startBy: instant,
  finishBy: moment,
  waitingFor: fc.array(fc.stringMatching(/^[A-Za-z0-9._:-]{1,255}$/), { maxLength: 20 }),
  excuse: fc.option(hostileText, { nil: null }),
  beganAt: moment,
  otherRun: fc.boolean(),
});

export const hostileCell: fc.Arbitrary<Cell> = fc.record({
  scheduler_id: fc.stringMatching(/^[A-Za-z0-9._:-]{1,255}$/),
  service_name: hostileText,
  job_name: hostileText,
  state: fc.constantFrom(...cellStates),
  since: moment,
  duration: fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: null }),
  error: hostileError,
  heartbeat: moment,
  registered: fc.boolean(),
  acknowledgedBy: fc.option(hostileText, { nil: null }),
  snoozed: fc.option(fc.record({ until: instant, by: hostileText }), { nil: null }),
  due: fc.option(hostileDue, { nil: null }),
});

/** So many cells of a few kinds, sorted by state, each with a job name that begins with its place: `17:`. */
export function hostileBoard(schedulers: number): fc.Arbitrary<Board> {
  const kinds = fc.array(hostileCell, { minLength: 1, maxLength: 8 });
  return fc.tuple(kinds, fc.constantFrom(0, 1, 12)).map(([kinds, notDue]) => {
    const order = cellStates.flatMap((state) => kinds.filter((kind) => kind.state === state));
    const cells = Array.from({ length: schedulers }, (_, place) => {
      const kind = order[Math.floor((place * order.length) / schedulers)] ?? cell();
      return { ...kind, job_name: `${place}:${kind.job_name}` };
    });
    return { ...boardOfCells(cells), notDue };
  });
}

/** Why Slack would refuse a message, in either form, or why it is larger than we allow ourselves. */
export function refusals({ text, blocks, plainBlocks = blocks }: Content): string[] {
  return [blocks, plainBlocks].flatMap((form) => [
    ...messageProblems({ text, blocks: form }, { text: 3_000 }).map(({ detail }) => detail),
    ...(JSON.stringify(form).length < 12_000 ? [] : [`${JSON.stringify(form).length} characters of JSON`]),
    ...(form.every(({ block_id }) => block_id === undefined || /-\d+-\d+$/.test(block_id))
      ? []
      : ['an odd block_id']),
  ]);
}

/** Everything of a message that Slack parses: the top-level text and what is mrkdwn, the latter verbatim always. */
export function parsedTexts({ text, blocks, plainBlocks = [] }: Content): string[] {
  return [text, ...mrkdwnIn([...blocks, ...plainBlocks])];
}

/** @throws TypeError when a mrkdwn text is not verbatim */
export function mrkdwnIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(mrkdwnIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'mrkdwn') {
    if (!('verbatim' in part) || part.verbatim !== true) throw new TypeError('mrkdwn that is not verbatim');
    return 'text' in part && typeof part.text === 'string' ? [part.text] : [];
  }
  return Object.values(part).flatMap(mrkdwnIn);
}

/** What in a parsed text could notify, link or format. `ours` are the mentions and links that belong there. */
export function dangersIn(text: string, ours: readonly string[] = []): string[] {
  const rest = ours.reduce((left, own) => left.replaceAll(own, ''), text);
  return (
    rest.match(
      /[<>*~`]|@\w|#\w|:\/\/|&(?!(?:amp|lt|gt);)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\bwww\.\w/gu,
    ) ?? []
  );
}

/** Holds a message to what every renderer promises: Slack takes it, and it parses as nothing but what is `ours`. */
export function expectHarmless(content: Content, ours: readonly string[] = []): void {
  expect(refusals(content)).toEqual([]);
  expect(parsedTexts(content).flatMap((text) => dangersIn(text, ours))).toEqual([]);
}

/** The rows of a message's table without the header row, a text for each cell. */
export function tableRows(blocks: readonly Block[]): string[][] {
  return blocks.flatMap((block) => {
    if (block.type !== 'table' && block.type !== 'data_table') return [];
    return block.rows.slice(1).map((row) => row.map((one) => ('text' in one ? one.text : '')));
  });
}

/** The texts of sections and headers, in order. */
export function texts(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) =>
    (block.type === 'section' || block.type === 'header') && block.text !== undefined
      ? [block.text.text]
      : [],
  );
}

/** The small print. */
export function footers(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) =>
    block.type === 'context' ? block.elements.flatMap((one) => ('text' in one ? [one.text] : [])) : [],
  );
}

/** The text of rich text blocks as it is read. */
export function richTexts(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => (block.type === 'rich_text' ? [allText(block.elements)] : []));
}

function allText(part: unknown): string {
  if (Array.isArray(part)) return part.map(allText).join('');
  if (typeof part !== 'object' || part === null) return '';
  return Object.entries(part)
    .map(([key, value]) => (key === 'text' && typeof value === 'string' ? value : allText(value)))
    .join('');
}
