import type { Observation } from '@fieldsync/contracts'
import { type Database, inTransaction, Prisma } from '@fieldsync/db'
import { foldText, searchTextOf } from '@fieldsync/domain'

import { mapUnavailable } from '../core/verb.ts'

const ROWS_AT_ONCE = 500

/**
 * The condition that an observation's note or block holds a text, whatever case and accents (OPS-28). A row that is not
 * folded yet is compared by case alone.
 */
export const holdsText = (text: string): Prisma.Sql => Prisma.sql`strpos(
    CASE WHEN search_text IN ('', '?')
      THEN lower((document->>'rawNoteText' || E'\n' || (document->'extraction'->>'fieldBlock')) COLLATE "C")
      ELSE search_text END,
    ${foldText(text)}) > 0`

/**
 * Folds the stored observations that no server has folded yet, some hundred at a time, each time under the lock of the
 * workspace's head: a commit that changes a row at that moment would take it for changed by another.
 *
 * @returns how many were folded
 * @throws ServiceError UNAVAILABLE
 */
export async function foldStoredNotes({ db }: { db: Database }): Promise<number> {
  return await mapUnavailable(async () => {
    let folded = 0
    for (;;) {
      const count = await foldSome(db)
      if (count === 0) return folded
      folded += count
    }
  })
}

async function foldSome(db: Database): Promise<number> {
  const { rows: next } = await db.pool.query<{ workspaceId: string }>(
    `SELECT workspace_id AS "workspaceId" FROM observations WHERE search_text = '?' LIMIT 1`,
  )
  const workspaceId = next[0]?.workspaceId
  if (workspaceId === undefined) return 0
  return await inTransaction(db, async (connection) => {
    await connection.query('SELECT FROM workspace_heads WHERE workspace_id = $1 FOR UPDATE', [workspaceId])
    const { rows } = await connection.query<{
      id: string
      document: Pick<Observation, 'rawNoteText' | 'extraction'>
    }>(
      `SELECT observation_id AS id, document FROM observations
       WHERE workspace_id = $1 AND search_text = '?' ORDER BY observation_id LIMIT $2`,
      [workspaceId, ROWS_AT_ONCE],
    )
    await connection.query(
      `UPDATE observations o SET search_text = x.text FROM unnest($2::text[], $3::text[]) AS x(id, text)
       WHERE o.workspace_id = $1 AND o.observation_id = x.id`,
      [workspaceId, rows.map(({ id }) => id), rows.map(({ document }) => searchTextOf(document))],
    )
    return rows.length
  })
}
