import { z } from 'zod';
import type {
  Entry,
  KitBlock,
  KitButton,
  Known,
  Live,
  Message,
  UiEvent,
  UiState,
} from '../../../localstack/slack/page/page.d.ts';
import type { FakeDocument, FakeElement } from './fake-document.ts';

/** The page's modules, which are plain JavaScript, as the tests call them. */

const callable = <T>() => z.custom<T>((candidate) => typeof candidate === 'function');

async function load(file: string): Promise<unknown> {
  const { href } = new URL(`../../../localstack/slack/page/${file}`, import.meta.url);
  return import(href);
}

export const known = z
  .object({
    nothing: z.custom<Known>((candidate) => typeof candidate === 'object'),
    withState: callable<(known: Known, state: UiState) => Known>(),
    withEvent: callable<(known: Known, event: UiEvent) => Known>(),
    withoutWhisper: callable<(known: Known, id: number) => Known>(),
    entriesOf: callable<(known: Known, channel: string, me: string, timeZone: string) => Entry[]>(),
    newestBoard: callable<(known: Known, channel: string) => Message | undefined>(),
  })
  .parse(await load('known.js'));

export type Means = {
  readonly open: () => EventTarget & { readonly readyState: number; readonly CLOSED: number };
  readonly fetchState: () => Promise<UiState>;
  readonly later: (ms: number, what: () => void) => void;
};
export const { follow } = z
  .object({ follow: callable<(listener: Live, means: Means) => void>() })
  .parse(await load('live.js'));

type Place = { kind: 'home' } | { kind: 'channel'; channel: string; ts: string | undefined };
export const { placeOf } = z
  .object({ placeOf: callable<(hash: string) => Place | undefined>() })
  .parse(await load('place.js'));

export type FakeSurroundings = {
  readonly document: FakeDocument;
  readonly userName: (id: string) => string | undefined;
  readonly me: string;
  readonly onPress: (button: KitButton, blockId: string) => void;
};
export const { blockNodes } = z
  .object({
    blockNodes: callable<(blocks: readonly KitBlock[], around: FakeSurroundings) => FakeElement[]>(),
  })
  .parse(await load('blocks.js'));
