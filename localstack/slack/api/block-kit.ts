import { z } from 'zod';
import { messageBlock, view, type KitBlock, type KitButton, type KitSelect } from './block-schemas.ts';

/** Why Slack would refuse a message or a view; `detail` names the limit and the path, as Slack's own messages do. */
export type Problem = {
  readonly error: 'invalid_blocks' | 'msg_too_long' | 'msg_blocks_too_long' | 'no_text';
  readonly detail: string;
};

/**
 * `chat.update` refuses more; https://docs.slack.dev/reference/methods/chat.update. What can be posted but not
 * edited is of no use to Ronda, so it is the limit of every message unless the caller knows better.
 */
const maxText = 4_000;
const maxBlocks = 50;
/** Documented nowhere: 13,000 to 17,700 characters of JSON were seen refused (slackapi/bolt-js#2509, #2867). */
const maxBlocksJson = 13_000;
const maxCellCharacters = 10_000;

const messageBlocks = z.array(messageBlock).max(maxBlocks);

/**
 * Everything for which Slack would refuse this message; none: it would take it. Mrkdwn is not parsed.
 * @param limits `text`: the most characters of `text`, 4,000 unless given
 */
export function messageProblems(
  message: { readonly text?: unknown; readonly blocks?: unknown },
  limits: { readonly text?: number } = {},
): Problem[] {
  const { text, blocks } = message;
  const limit = limits.text ?? maxText;
  const problems: Problem[] = [];
  const hasText = typeof text === 'string' && text !== '';
  if (!hasText && (blocks === undefined || isEmptyArray(blocks))) {
    problems.push({ error: 'no_text', detail: 'neither text nor blocks [json-pointer:/text]' });
  }
  if (text !== undefined && typeof text !== 'string') {
    problems.push({ error: 'no_text', detail: 'must be a string [json-pointer:/text]' });
  }
  if (hasText && text.length > limit) {
    problems.push({
      error: 'msg_too_long',
      detail: `must be at most ${limit} characters, has ${text.length} [json-pointer:/text]`,
    });
  }
  return blocks === undefined ? problems : [...problems, ...blocksProblems(blocks)];
}

/** Everything for which Slack would refuse this App Home; none: it would take it. */
export function viewProblems(candidate: unknown): Problem[] {
  const parsed = view.safeParse(candidate);
  if (!parsed.success) return parsed.error.issues.map((issue) => problemOf(issue, []));
  return structureProblems(parsed.data.blocks);
}

function blocksProblems(blocks: unknown): Problem[] {
  const parsed = messageBlocks.safeParse(blocks);
  const problems = parsed.success
    ? [...structureProblems(parsed.data), ...tableProblems(parsed.data)]
    : parsed.error.issues.map((issue) => problemOf(issue, ['blocks']));
  // Slack looks at the whole only after the parts.
  const { length } = JSON.stringify(blocks);
  if (length > maxBlocksJson) {
    problems.push({
      error: 'msg_blocks_too_long',
      detail: `must be at most ${maxBlocksJson} characters of JSON, has ${length} [json-pointer:/blocks]`,
    });
  }
  return problems;
}

/** What no single field shows: unique ids. */
function structureProblems(blocks: readonly KitBlock[]): Problem[] {
  const problems: Problem[] = [];
  const ids = new Set<string>();
  blocks.forEach((block, index) => {
    if (block.block_id !== undefined) {
      if (ids.has(block.block_id)) problems.push(invalid('block_id already exists', index, 'block_id'));
      ids.add(block.block_id);
    }
    if (block.type === 'actions') problems.push(...actionIdProblems(block.elements, index));
  });
  return problems;
}

function actionIdProblems(elements: readonly (KitButton | KitSelect)[], block: number): Problem[] {
  const seen = new Set<string>();
  return elements.flatMap(({ action_id }, index) => {
    if (action_id === undefined) return [];
    const isKnown = seen.has(action_id);
    seen.add(action_id);
    return isKnown ? [invalid('action_id already exists', block, 'elements', index, 'action_id')] : [];
  });
}

function tableProblems(blocks: readonly KitBlock[]): Problem[] {
  const problems: Problem[] = [];
  let tables = 0;
  let characters = 0;
  blocks.forEach((block, index) => {
    if (block.type !== 'table' && block.type !== 'data_table') return;
    tables += 1;
    characters += charactersIn(block.rows);
    const columns = block.rows[0]?.length ?? 0;
    block.rows.forEach((row, at) => {
      if (row.length === columns) return;
      problems.push(invalid(`must have ${columns} cells like the first row`, index, 'rows', at));
    });
    if (block.type === 'data_table') {
      if ((block.row_header_column_index ?? 0) >= columns) {
        problems.push(invalid('must be the index of a column', index, 'row_header_column_index'));
      }
    }
    if (tables === 2) problems.push(invalid('only_one_table_allowed', index));
  });
  if (characters > maxCellCharacters) {
    problems.push({
      error: 'invalid_blocks',
      detail: `must be at most ${maxCellCharacters} characters over all cells, has ${characters} [json-pointer:/blocks]`,
    });
  }
  return problems;
}

/** Characters that a reader sees in the cells: every `text` at any depth. */
function charactersIn(part: unknown): number {
  if (Array.isArray(part)) return part.reduce((sum: number, one: unknown) => sum + charactersIn(one), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce(
    (sum, [key, value]) =>
      sum + (key === 'text' && typeof value === 'string' ? value.length : charactersIn(value)),
    0,
  );
}

function invalid(what: string, ...path: readonly (string | number)[]): Problem {
  return { error: 'invalid_blocks', detail: `${what} [json-pointer:/${['blocks', ...path].join('/')}]` };
}

function problemOf(issue: z.core.$ZodIssue, root: readonly string[]): Problem {
  const path = [...root, ...issue.path.map(String)].join('/');
  return { error: 'invalid_blocks', detail: `${sentence(issue)} [json-pointer:/${path}]` };
}

function sentence(issue: z.core.$ZodIssue): string {
  const what = 'origin' in issue && issue.origin === 'array' ? 'items' : 'characters';
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must be at most ${issue.maximum} ${what}`
        : `must be at most ${issue.maximum}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must be at least ${issue.minimum} ${what}`
        : `must be at least ${issue.minimum}`;
    case 'unrecognized_keys':
      return `no additional property allowed: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return 'unsupported type';
    default:
      return issue.message;
  }
}

function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
