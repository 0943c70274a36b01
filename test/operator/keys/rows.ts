import type { ApiKey } from '../../../src/store/keys/api-keys.ts';

/** A key as it lies in the table. */
export function keyRow(fields: Partial<ApiKey> = {}): ApiKey {
  return {
    key_id: 'aaaaaaaaaaaa',
    name: 'billing',
    hash: 'f00d',
    scopes: ['ingest'],
    services: null,
    created_at: '2026-11-01T00:00:00.000Z',
    expires: '2027-01-30T00:00:00.000Z',
    revoked: null,
    ...fields,
  };
}
