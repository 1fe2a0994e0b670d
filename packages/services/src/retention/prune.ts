import type { Database } from '@fieldsync/db'

import type { Clock } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'

/** How long a stored answer is replayed under its key; the promise is 30 days (IDM-8). */
export const KEY_DAYS = 90
/** How long a cursor stays valid (CUR-7). */
export const CURSOR_DAYS = 400

/** How long the weather of a cell is kept that nobody asks for (WTH-9). */
const CELL_DAYS = 13

const ROWS_AT_ONCE = 5000
const DAY_MS = 86_400_000

// The newest commit of a workspace is its head: its cursor must stay valid however long nobody writes.
const COMMITS = `DELETE FROM log_commits c USING (
    SELECT old.workspace_id, old.last_position FROM log_commits old
    JOIN workspace_heads h ON h.workspace_id = old.workspace_id
    WHERE old.committed_at < $1 AND old.last_position < h.position LIMIT $2
  ) expired
  WHERE c.workspace_id = expired.workspace_id AND c.last_position = expired.last_position`
const ENROLLMENTS = `DELETE FROM enrollments WHERE code_hash IN (
    SELECT code_hash FROM enrollments WHERE expires_at < $1 LIMIT $2
  )`
const SECURITY = `DELETE FROM security_events WHERE event_id IN (
    SELECT event_id FROM security_events WHERE minute < $1 LIMIT $2
  )`
// Of people: what a sign-in has left behind, sessions that have ended, and attempts that no longer count.
const OF_PEOPLE = [
  `DELETE FROM person_sessions WHERE id IN (SELECT id FROM person_sessions WHERE expires_at < $1 LIMIT $2)`,
  `DELETE FROM person_verifications WHERE id IN (SELECT id FROM person_verifications WHERE expires_at < $1 LIMIT $2)`,
  `DELETE FROM person_used_codes WHERE (person_id, code_hash) IN (
     SELECT person_id, code_hash FROM person_used_codes WHERE used_at < $1 LIMIT $2)`,
  `DELETE FROM rate_limits WHERE key IN (
     SELECT key FROM rate_limits WHERE expire < extract(epoch FROM $1::timestamptz) * 1000 LIMIT $2)`,
]
// A cell that nobody has asked for: its temperatures are of days that no index looks back to.
const CELLS = `DELETE FROM weather_cells WHERE (lat, lon) IN (
    SELECT lat, lon FROM weather_cells WHERE used_at < $1 LIMIT $2
  )`
const EVENTS = `DELETE FROM sync_events e USING (
    SELECT workspace_id, device_id, operation, idempotency_key FROM sync_events WHERE received_at < $1 LIMIT $2
  ) expired
  WHERE e.workspace_id = expired.workspace_id AND e.device_id = expired.device_id
    AND e.operation = expired.operation AND e.idempotency_key = expired.idempotency_key`

/**
 * Drops what nobody can ask for any more: stored answers, the secrets of old cursors, expired enrollments and old rows of the
 * security log, and what sign-ins have left behind, some thousand rows at a
 * time, so that no statement runs long. Several servers may do it at once. Records, playbook versions and the audit
 * chain are never dropped.
 */
export async function pruneExpired(args: {
  db: Database
  clock: Clock
}): Promise<{ answers: number; cursors: number; enrollments: number; securityEvents: number }> {
  const { db, clock } = args
  const daysAgo = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
  await mapUnavailable(() => deleteAll(db, CELLS, daysAgo(CELL_DAYS)))
  for (const statement of OF_PEOPLE) await mapUnavailable(() => deleteAll(db, statement, daysAgo(1)))
  return await mapUnavailable(async () => ({
    answers: await deleteAll(db, EVENTS, daysAgo(KEY_DAYS)),
    cursors: await deleteAll(db, COMMITS, daysAgo(CURSOR_DAYS)),
    enrollments: await deleteAll(db, ENROLLMENTS, daysAgo(KEY_DAYS)),
    securityEvents: await deleteAll(db, SECURITY, daysAgo(KEY_DAYS)),
  }))
}

async function deleteAll(db: Database, statement: string, before: Date): Promise<number> {
  let deleted = 0
  for (;;) {
    const { rowCount } = await db.pool.query(statement, [before, ROWS_AT_ONCE])
    deleted += rowCount ?? 0
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return deleted
  }
}
