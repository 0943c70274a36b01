import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { commandName } from '../../../src/transports/slack/listeners/eod.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const manifest = z
  .object({
    features: z.object({
      app_home: z.object({ home_tab_enabled: z.boolean() }),
      slash_commands: z.array(
        z.object({
          command: z.string(),
          url: z.string(),
          usage_hint: z.string().max(1_000),
          should_escape: z.boolean(),
        }),
      ),
    }),
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ request_url: z.string(), bot_events: z.array(z.string()) }),
      interactivity: z.object({ is_enabled: z.boolean(), request_url: z.string() }),
    }),
  })
  .parse(parse(readFileSync(join(root, 'slack-manifest.yaml'), 'utf8')));

/** What Slack asks for, method by method: https://docs.slack.dev/reference/methods */
const scopesOf: Readonly<Record<string, readonly string[]>> = {
  'apps.connections.open': [],
  'auth.test': [],
  'bots.info': ['users:read'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  // Slack grants users:read.email only together with users:read.
  'users.lookupByEmail': ['users:read', 'users:read.email'],
  'views.publish': [],
};

const sources = readdirSync(join(root, 'src', 'transports', 'slack'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', 'transports', 'slack', name), 'utf8'));

function used(pattern: RegExp): string[] {
  return [
    ...new Set(sources.flatMap((code) => [...code.matchAll(pattern)].map(([, name = '']) => name))),
  ].sort();
}

describe('the manifest', () => {
  test('asks for exactly the scopes that the calls in the code and the command need', () => {
    const methods = used(
      /'((?:apps|auth|bots|chat|conversations|files|reactions|team|users|views)\.[A-Za-z.]+)'/g,
    );
    expect(methods).toContain('chat.postMessage');
    expect(methods.filter((method) => scopesOf[method] === undefined)).toEqual([]);
    const needed = new Set(['commands', ...methods.flatMap((method) => scopesOf[method] ?? [])]);
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...needed].sort());
  });

  test('subscribes to exactly the events that are listened to', () => {
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(used(/app\.event\('(\w+)'/g));
    expect(manifest.features.app_home.home_tab_enabled).toBe(true);
  });

  test('has the command with every variant, its text as it was typed', () => {
    const [command, ...others] = manifest.features.slash_commands;
    expect(others).toEqual([]);
    expect(command?.command).toBe(commandName);
    expect(command?.should_escape).toBe(false);
    for (const word of ['JOB', 'at 02:15', 'snooze JOB 2h', 'ack JOB', 'help']) {
      expect(command?.usage_hint).toContain(word);
    }
  });

  test('sends everything to the one address that there is', () => {
    const { event_subscriptions, interactivity } = manifest.settings;
    const commands = manifest.features.slash_commands.map(({ url }) => url);
    const urls = new Set([event_subscriptions.request_url, interactivity.request_url, ...commands]);
    expect([...urls].map((url) => new URL(url).pathname)).toEqual(['/slack/events']);
    expect(interactivity.is_enabled).toBe(true);
  });
});
