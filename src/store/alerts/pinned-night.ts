import { z } from 'zod';
import { readMessageRow } from '../messages/messages.ts';
import type { Store } from '../store.ts';
import { versionedRows } from '../versioned-rows.ts';
import type { AlertKey } from './alert-rows.ts';

const pin = z.object({
  night: z.string(),
  alert_key: z.string(),
  rev: z.number().default(0),
  created_at: z.string(),
  pinned: z.string(),
});

/** As long as an alert. Ronda ms. */
const pinRetentionMs = 30 * 86_400_000;

/**
 * The night under which an alert is stored, pinned once: boards and windows are settings, and an alert that two
 * replicas or two deliveries would put under different nights must not come to be twice.
 * @param night where it would go now
 * @param createdAt Ronda's time, UTC
 */
export async function pinnedNight(
  store: Store,
  { alert_key: name, night }: AlertKey,
  createdAt: string,
): Promise<AlertKey> {
  const pins = versionedRows<z.infer<typeof pin>, AlertKey, z.infer<typeof pin>>(
    store,
    'alerts',
    pin,
    pinRetentionMs,
  );
  const key = { night: `night-of/${name}`, alert_key: 'night' };
  // Earlier versions pinned nights among the messages.
  const former = (await readMessageRow(store, { night: key.night, message_key: 'night' }))?.details?.[
    'night'
  ];
  const pinned = typeof former === 'string' ? former : night;
  if (await pins.create({ ...key, rev: 1, created_at: createdAt, pinned }))
    return { alert_key: name, night: pinned };
  return { alert_key: name, night: (await pins.read(key))?.pinned ?? pinned };
}
