import { type ChainHead, GENESIS } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'

/** The action of the entry that says where the chain begins from then on (AUD-21). */
export const PRUNE = 'audit.prune'

const BEGINNING = 'SELECT seq, hash FROM audit_beginnings WHERE workspace_id = $1'

/** What lies before the first row of a workspace's chain: nothing, or the last row that was pruned. */
export async function beginningOf(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: string,
): Promise<ChainHead> {
  const { rows } = await mapUnavailable(() =>
    runtime.db.pool.query<{ seq: string; hash: string }>(BEGINNING, [workspaceId]),
  )
  const [found] = rows
  return found ? { seq: Number(found.seq), hash: found.hash } : { seq: 0, hash: GENESIS }
}

const PRUNED = `SELECT body FROM audit_entries
  WHERE workspace_id = $1 AND seq > $2 AND body LIKE '{"act":"${PRUNE}"%'`

/** Whether an entry of the chain itself says that it begins there. */
export async function isSaidByChain(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: string,
  { hash, seq }: ChainHead,
): Promise<boolean> {
  const { rows } = await mapUnavailable(() =>
    runtime.db.pool.query<{ body: string }>(PRUNED, [workspaceId, seq]),
  )
  return rows
    .flatMap(({ body }) => (JSON.parse(body) as { chg: { id: string; before: string }[] }).chg)
    .some((change) => change.id === String(seq) && change.before === hash)
}
