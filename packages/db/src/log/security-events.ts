import type { Queryable } from '../transaction.ts'

/** Attempts of one kind in one minute (AUD-20). */
export type SecurityEvent = {
  /** Empty where nobody knows of which workspace it was. */
  readonly workspaceId: string
  readonly minute: Date
  readonly kind: string
  readonly reason: string
  /** Empty where it was of no known device. */
  readonly deviceId: string
  readonly count: number
  /** Of the last one. */
  readonly address: string
  readonly lastAt: Date
}

/** Adds counts to those that are stored, by this server or by others. Takes no lock of a workspace. */
export async function storeSecurityEvents(
  connection: Queryable,
  events: readonly SecurityEvent[],
): Promise<void> {
  const column = <T>(valueOf: (event: SecurityEvent) => T): T[] => events.map(valueOf)
  await connection.query({
    name: 'store_security_events',
    // In one order, so that servers never wait for each other in a circle.
    text: `INSERT INTO security_events AS s (workspace_id, minute, kind, reason, device_id, count, address, last_at)
      SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::timestamptz[])
        AS e(workspace_id, minute, kind, reason, device_id, count, address, last_at)
        ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (workspace_id, minute, kind, reason, device_id) DO UPDATE SET
        count = least(s.count::bigint + excluded.count, 2147483647)::int,
        address = CASE WHEN excluded.last_at >= s.last_at THEN excluded.address ELSE s.address END,
        last_at = greatest(s.last_at, excluded.last_at)`,
    values: [
      column(({ workspaceId }) => workspaceId),
      column(({ minute }) => minute),
      column(({ kind }) => kind),
      column(({ reason }) => reason),
      column(({ deviceId }) => deviceId),
      column(({ count }) => count),
      column(({ address }) => address),
      column(({ lastAt }) => lastAt),
    ],
  })
}
