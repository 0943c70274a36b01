import { DeleteCommand, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { roleNames, type RoleName } from './role-names.ts';
import { isCheckpoint } from './state/checkpoint.ts';
import { tableOf, type Store } from './store.ts';
import { expiryAttribute, tables } from './tables.ts';

/** How far a consumer has read: a UTC time, `idle` after empty receives, null while it cannot tell. */
export const readUpTo = z.union([z.iso.datetime(), z.literal('idle')]).nullable();
export type ReadUpTo = z.infer<typeof readUpTo>;

const roleRow = z.object({
  role: z.enum(roleNames),
  instance: z.string(),
  /** Real time, ms UTC: when it began, and its last heartbeat. */
  since: z.number(),
  seen_at: z.number(),
  read_up_to: readUpTo.default(null),
  /** How long messages lay in the queue lately, at worst. Real ms. */
  lag_ms: z.number().default(0),
  /** What keeps it from its work, for people; null: nothing. */
  problem: z.string().nullable().default(null),
  /**
   * The schedulers of which a consumer has valid events that it could not apply yet, with since when: UTC, Ronda's
   * time. A list in the table, since a scheduler may be called `__proto__`.
   */
  unapplied: z
    .array(z.object({ scheduler_id: z.string(), since: z.string() }))
    .default([])
    .transform(
      (list): ReadonlyMap<string, string> =>
        new Map(list.map(({ scheduler_id, since }) => [scheduler_id, since])),
    ),
});
export type RoleRow = z.infer<typeof roleRow>;
/** What a role reports with its heartbeat. */
export type RoleReport = Partial<Pick<RoleRow, 'read_up_to' | 'lag_ms' | 'problem' | 'unapplied'>>;

const { partition } = tables.roles;
/** How often a role sends its heartbeat, and how long it counts as alive: two beats may get lost. Real ms. */
export const beatMs = 5_000;
export const aliveMs = 3 * beatMs;
const forgottenAfterSeconds = 3_600;

/** Writes a role's heartbeat. TTL runs by the machine's clock, so it is written whatever Ronda's time is. */
export async function beat(
  store: Store,
  row: Pick<RoleRow, 'role' | 'instance' | 'since'> & RoleReport,
): Promise<void> {
  const seen_at = store.clock.real();
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'roles'),
      Item: {
        [partition]: `${row.role}#${row.instance}`,
        ...row,
        unapplied: [...(row.unapplied ?? [])].map(([scheduler_id, since]) => ({ scheduler_id, since })),
        seen_at,
        [expiryAttribute]: Math.ceil(seen_at / 1000) + forgottenAfterSeconds,
      },
    }),
  );
}

/** Deletes the row of a role that ends in order, so that nobody waits 15 s for its heartbeat. */
export async function leave(store: Store, role: RoleName, instance: string): Promise<void> {
  await store.client.send(
    new DeleteCommand({ TableName: tableOf(store, 'roles'), Key: { [partition]: `${role}#${instance}` } }),
  );
}

/** The roles that live now. */
export async function livingRoles(store: Store): Promise<RoleRow[]> {
  const living: RoleRow[] = [];
  const pages = paginateScan(
    { client: store.client },
    { TableName: tableOf(store, 'roles'), ConsistentRead: true },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      if (isCheckpoint(item)) continue;
      const row = roleRow.parse(item);
      if (row.seen_at > store.clock.real() - aliveMs) living.push(row);
    }
  }
  return living;
}
