import type { Queryable } from '../transaction.ts'

// Every committing NOTIFY takes one cluster-wide lock. Without waiting for the disk it is held for a moment only, and
// nothing is lost by that: notifications do not survive a crash anyway.
const SEND = `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, payload) FROM unnest($2::text[]) AS payload`

/** Longest text of one notification, bytes; PostgreSQL refuses 8,000 and more. */
export const MAX_NOTICE_BYTES = 7999

/** Sends notifications to all listeners of the channel, in a transaction of their own, in one round trip. */
export async function sendNotices(
  connection: Queryable,
  channel: string,
  payloads: readonly string[],
): Promise<void> {
  await connection.query({ name: 'send_notices', text: SEND, values: [channel, payloads] })
}
