import type { KitBlock, Message, UiEvent, UiState } from '../../../localstack/slack/page/page.d.ts';
import { FakeDocument, type FakeElement } from './fake-document.ts';
import { blockNodes, type FakeSurroundings } from './page-modules.ts';

export const around: FakeSurroundings = {
  document: new FakeDocument(),
  userName: (id) => (id === 'U0SARI' ? 'sari' : undefined),
  me: 'U0SARI',
  onPress: () => undefined,
};
export const raw = (text: string) => ({ type: 'raw_text', text }) as const;
export const plain = (text: string) => ({ type: 'plain_text', text }) as const;
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text }) as const;

export function render(block: KitBlock, surroundings: Partial<FakeSurroundings> = {}): FakeElement {
  const [element] = blockNodes([block], { ...around, ...surroundings });
  if (element === undefined) throw new Error('nothing was rendered');
  return element;
}
export const texts = (elements: readonly FakeElement[]) => elements.map(({ textContent }) => textContent);
export const rowsOf = (element: FakeElement) =>
  element.tagged('tr').map((row) => texts(row.all().filter(isCell)));
const isCell = ({ tag }: FakeElement) => tag === 'td' || tag === 'th';

export const channel = 'C0RONDA';

/** 2026-11-23 16:59:00 UTC is 23:59 in Jakarta. */
const lateEvening = 1_795_453_140;
export const tsAt = (seconds: number) => `${lateEvening + seconds}.000100`;

export function message(seconds: number, about: Partial<Message> = {}): Message {
  const ts = tsAt(seconds);
  return {
    channel,
    ts,
    user: 'U0RONDA',
    bot_id: 'B0RONDA',
    text: `at ${seconds}`,
    edits: 0,
    reply_count: 0,
    ...about,
  };
}
export function state(...messages: Message[]): UiState {
  return {
    team: { id: 'T0RONDA', name: 'Ronda', domain: 'ronda' },
    channels: [{ id: channel, name: 'eod' }],
    users: [{ id: 'U0SARI', name: 'sari', email: 'sari@example.com' }],
    messages,
    homes: [],
  };
}
export const posted = (one: Message): UiEvent => ({ type: 'posted', message: one });
