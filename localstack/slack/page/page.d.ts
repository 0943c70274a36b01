import type { KitButton } from '../api/block-schemas.ts';
import type { Ephemeral, Message, UiEvent, UiState } from '../state.ts';

/** The shapes that the page's modules share; the workspace defines those that come over the wire. */

export type { KitBlock, KitButton, KitSelect, View } from '../api/block-schemas.ts';
export type { Ephemeral, Message, UiEvent, UiState } from '../state.ts';

/** An ephemeral message and the place it came to: behind the message that was the newest then. */
export type Whisper = Ephemeral & { readonly id: number; readonly after: string };

/** What the page knows; never changed in place, so that what is the same object looks the same. */
export type Known = Pick<UiState, 'team' | 'channels' | 'users'> & {
  /** By channel and ts. */
  readonly messages: ReadonlyMap<string, Message>;
  readonly whispers: readonly Whisper[];
  /** The last home view by user. */
  readonly homes: ReadonlyMap<string, UiState['homes'][number]['view']>;
};

/** What stands in a channel, in the order of reading. */
export type Entry =
  | { readonly kind: 'day'; readonly key: string; readonly ts: string }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      readonly replies: readonly Message[];
    }
  | { readonly kind: 'whisper'; readonly key: string; readonly whisper: Whisper };

/** What rendering needs to know of its surroundings. */
export type Surroundings = {
  readonly document: Document;
  readonly userName: (id: string) => string | undefined;
  /** The id of the user who acts: mentions of that user stand out. */
  readonly me: string;
  /** A button was pressed, or something chosen in a menu, which is then a button of that value. */
  readonly onPress: (button: KitButton, blockId: string, element: HTMLElement) => void;
};

export type Live = {
  readonly onState: (state: UiState) => void;
  readonly onEvent: (event: UiEvent) => void;
  /** Whether what is shown is up to date. */
  readonly onStatus: (isLive: boolean) => void;
};
