import { LogLevel } from '@slack/bolt';
import type { Logger } from '../../../log.ts';

type BoltLog = {
  readonly debug: (...parts: readonly unknown[]) => void;
  readonly info: (...parts: readonly unknown[]) => void;
  readonly warn: (...parts: readonly unknown[]) => void;
  readonly error: (...parts: readonly unknown[]) => void;
  readonly setLevel: () => void;
  readonly getLevel: () => LogLevel;
  readonly setName: () => void;
};

/**
 * Bolt's own lines in our log. What it calls an error heals itself (a connection is made anew, Slack sends again),
 * so it is a warning here; its debug lines hold whole payloads and are left out.
 */
export function boltLog(log: Logger): BoltLog {
  return {
    debug: () => undefined,
    info: (...parts) => {
      log.debug(`Bolt: ${lineOf(parts)}`);
    },
    warn: (...parts) => {
      log.warn(`Bolt: ${lineOf(parts)}`);
    },
    error: (...parts) => {
      log.warn(`Bolt: ${lineOf(parts)}`);
    },
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}

/** Everything that opens a door at Slack: bot, app and user tokens, and one-time addresses. */
const secrets = /\bx(?:ox[a-z]|app)-[\w-]+|\bBearer\s+\S+|\b(?:wss?|https?):\/\/\S+/g;

/** A text without the tokens and addresses in it. */
export function withoutSecrets(text: string): string {
  return text.replace(secrets, '[left out]');
}

function lineOf(parts: readonly unknown[]): string {
  const texts = parts.map((part) => (part instanceof Error ? part.message : String(part)));
  return withoutSecrets(texts.join(' '));
}
