import {
  type Database,
  inTransaction,
  isIndexed,
  type Queryable,
  readUnindexed,
  storeAuditTerms,
  unindexedWorkspaces,
} from '@fieldsync/db'
import { type AuditBody, auditTerms } from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'
import { mapUnavailable } from '../core/verb.ts'

/** In one transaction; together some thousand terms. */
const AT_ONCE = { rows: 500, bytes: 1024 * 1024 }
const WORKSPACES_AT_ONCE = 100

/**
 * Brings the index of a workspace's audit up to date (AUD-18). It is made from the chain after the fact, apart from any write:
 * a batch of a thousand records does not wait for a thousand rows of an index.
 *
 * @param limits.withinMs gives up after this time; what was done stays
 * @returns whether all of the chain is in it
 * @throws ServiceError UNAVAILABLE
 */
export async function indexAudit(
  db: Database,
  workspaceId: string,
  { withinMs, signal }: { withinMs?: number; signal?: AbortSignal } = {},
): Promise<boolean> {
  const end = performance.now() + (withinMs ?? Number.POSITIVE_INFINITY)
  return await mapUnavailable(async () => {
    if (await isIndexed(db.pool, workspaceId)) return true
    while (!(await inTransaction(db, (connection) => indexSome(connection, workspaceId))))
      if (signal?.aborted || performance.now() >= end) return false
    return true
  })
}

/** @returns whether that was all */
async function indexSome(connection: Queryable, workspaceId: string): Promise<boolean> {
  const { head, indexed, rows } = await readUnindexed(connection, workspaceId, AT_ONCE)
  const last = rows.at(-1)
  if (!last || indexed >= head) return true
  const read = rows.map(({ at, body, seq }) => ({
    seq,
    at,
    // Bodies are written by this server; the chain shows if anybody else did.
    terms: auditTerms(JSON.parse(body) as AuditBody, sha256),
  }))
  await storeAuditTerms(connection, workspaceId, read, last.seq)
  return last.seq >= head
}

/**
 * Brings the index of every workspace up to date.
 * @returns how many workspaces were behind
 * @throws ServiceError UNAVAILABLE
 */
export async function indexAllAudits({
  db,
  signal,
}: {
  db: Database
  signal?: AbortSignal
}): Promise<number> {
  let behind = 0
  for (let after: string | undefined = ''; after !== undefined;) {
    const last: string = after
    const found = await mapUnavailable(() => unindexedWorkspaces(db.pool, last, WORKSPACES_AT_ONCE))
    for (const workspaceId of found) {
      if (signal?.aborted) return behind
      await indexAudit(db, workspaceId, signal ? { signal } : {})
      behind++
    }
    after = found.length < WORKSPACES_AT_ONCE ? undefined : found.at(-1)
  }
  return behind
}
